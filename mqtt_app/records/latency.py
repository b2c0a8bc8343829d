"""How long messages take from reception to commit: counted in Redis, which may forget, as a restarted counter does."""

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from redis import Redis

KEY = "commit_seconds"
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds
BEYOND, SUM = "inf", "sum"
NAMES = (*map(str, BOUNDS), BEYOND)


def counts(received: Iterable[float], now: float) -> dict[str, float]:
    """What these messages add: how many to which bucket, and their seconds in all. received: seconds since 1970."""
    ages = [max(0.0, now - one) for one in received]
    buckets = Counter(NAMES[bisect.bisect_left(BOUNDS, age)] for age in ages)
    return {**buckets, SUM: sum(ages)}


def read(redis: Redis) -> tuple[Sequence[tuple[str, float]], float]:
    """Cumulative buckets as Prometheus has them, and the sum. Raises RedisError."""
    found: Mapping[bytes, bytes] = redis.hgetall(KEY)  # type: ignore[assignment]
    kept = {name.decode(): float(value) for name, value in found.items()}
    running, buckets = 0.0, []
    for name in NAMES:
        running += kept.get(name, 0.0)
        buckets.append(("+Inf" if name == BEYOND else name, running))
    return buckets, kept.get(SUM, 0.0)
