"""REST for how the field speaks to us: connections and their status, topics, logs, the ledger."""

from ninja import Router

from mqtt_app.api import (
    attention,
    cases,
    commands,
    connections,
    diagnosis,
    gaps,
    groups,
    logs,
    mappings,
    newcomers,
    notices,
    origins,
    overview,
    replays,
    status,
    support,
    survey,
    system,
    tails,
    topics,
    tree,
    trials,
)

router = Router()
router.add_router("", overview.router, tags=["overview"])
router.add_router("", attention.router, tags=["overview"])
router.add_router("", diagnosis.router, tags=["overview"])
router.add_router("", status.router, tags=["mqtt"])
router.add_router("", connections.router, tags=["connections"])
router.add_router("", origins.router, tags=["readings"])
router.add_router("", topics.router, tags=["topics"])
router.add_router("", tails.router, tags=["topics"])
router.add_router("", tree.router, tags=["topics"])
router.add_router("", survey.router, tags=["topics"])
router.add_router("", logs.router, tags=["logs"])
router.add_router("", groups.router, tags=["logs"])
router.add_router("", commands.router, tags=["commands"])
router.add_router("", gaps.router, tags=["readings"])
router.add_router("", replays.router, tags=["replays"])
router.add_router("", newcomers.router, tags=["devices"])
router.add_router("", system.router, tags=["system"])
router.add_router("", support.router, tags=["system"])
router.add_router("", trials.router, tags=["parsers"])
router.add_router("", cases.router, tags=["parsers"])
router.add_router("", mappings.router, tags=["parsers"])
router.add_router("", notices.router, tags=["notices"])
