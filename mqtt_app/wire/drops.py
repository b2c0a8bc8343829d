"""What a broker says of messages it dropped from full queues: a counter that grows, told with its window. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

TELL_EVERY_S = 60.0
"""While it keeps dropping, one line a minute says how many."""


class Counter(NamedTuple):
    """The broker's own count, and when it said so, in seconds since 1970."""

    value: int
    at: float


class Growth(NamedTuple):
    """So many were dropped after `since`, when the broker last said otherwise, and before `until`."""

    messages: int
    since: float
    until: float


@dataclass
class Drops:
    """What one broker's counter said, and how much of its growth is still to be told. Outlives a connection to it."""

    newest: Counter | None = None
    untold: int = 0
    since: float = 0.0
    told_at: float = float("-inf")

    def hear(self, counter: Counter) -> None:
        """The first that is heard tells of nothing; a smaller one says that the broker was restarted."""
        last = self.newest or counter
        if not self.untold:
            self.since = last.at
        self.untold += counter.value - (last.value if counter.value >= last.value else 0)
        self.newest = counter

    def tell(self, now: float) -> Growth | None:
        """What has not been told yet, when it is time."""
        if self.newest is None or not self.untold or now - self.told_at < TELL_EVERY_S:
            return None
        growth = Growth(self.untold, self.since, self.newest.at)
        self.untold, self.told_at = 0, now
        return growth


def read(payload: bytes) -> int | None:
    """The counter in a payload; None for what is no such number."""
    return int(payload) if payload.isascii() and payload.isdigit() and len(payload) < 20 else None
