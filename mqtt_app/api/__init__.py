"""REST for how the field speaks to us: connections and their status, topics, logs, the ledger."""

from ninja import Router

from mqtt_app.api import connections, logs, status, topics

router = Router()
router.add_router("", status.router, tags=["mqtt"])
router.add_router("", connections.router, tags=["connections"])
router.add_router("", topics.router, tags=["topics"])
router.add_router("", logs.router, tags=["logs"])
