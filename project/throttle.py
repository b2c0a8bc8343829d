"""How many requests a caller of the API may make: counted in Redis, so that all web processes count together."""

import logging
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle
from redis import RedisError

from sites import rest

logger = logging.getLogger(__name__)

WINDOW_S = 60
PAUSE_S = 10.0  # after Redis did not answer; meanwhile nobody is counted


class PerCaller(BaseThrottle):
    """A person and their tokens share one allowance. Fairness, not safety: without Redis everyone is let through."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def allow_request(self, request: HttpRequest) -> bool:
        limit = settings.API_REQUESTS_PER_MINUTE
        if not limit or time.monotonic() < self._silent_until:
            return True
        key = f"requests:{rest.caller(request).user.pk}:{int(time.time() // WINDOW_S)}"
        try:
            cache.add(key, 0, 2 * WINDOW_S)
            return int(cache.incr(key)) <= limit
        except (RedisError, OSError, ValueError) as error:  # ValueError: it was emptied between the two
            logger.warning("Requests are not counted for %.0f s: %s", PAUSE_S, error)
            self._silent_until = time.monotonic() + PAUSE_S
            return True

    def wait(self) -> float:
        return WINDOW_S - time.time() % WINDOW_S
