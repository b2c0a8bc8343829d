"""REST for what stands in the field: sites, devices, readings, and the tokens that programs use."""

from ninja import Router

from sites.api import bookmarks, devices, keys, me, members, motion, places, readings, strangers, trail

router = Router()
router.add_router("", places.router, tags=["sites"])
router.add_router("", members.router, tags=["people"])
router.add_router("", devices.router, tags=["devices"])
router.add_router("", readings.router, tags=["readings"])
router.add_router("", motion.router, tags=["readings"])
router.add_router("", strangers.router, tags=["devices"])
router.add_router("", keys.router, tags=["tokens"])
router.add_router("", me.router, tags=["me"])
router.add_router("", bookmarks.router, tags=["me"])
router.add_router("", trail.router, tags=["audit"])
