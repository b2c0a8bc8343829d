"""The readings of sensors that somebody looks at: what was stored since what their browser holds already.

News of a datalogger only hints that there is more; the readings are asked of the database, by whoever may see the site
at that moment, so a batch of many readings is told whole and a frame that is lost is made up for by the next one.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from sites.models import Reading

WATCHED = 8
"""Sensors that one socket may watch at once; what looks at more reads them again instead."""

POINTS = 1_000
"""Readings of one sensor in one frame, the newest; some 20 kB of three components."""

Id = Annotated[int, Field(gt=0, lt=2**63)]


class Ping(BaseModel):
    op: Literal["ping"]


class Watch(BaseModel):
    """since: from when on readings are wanted, in seconds since 1970 by the device's clock; that moment included."""

    op: Literal["watch"]
    sensor: Id
    since: Annotated[float, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]


class Unwatch(BaseModel):
    op: Literal["unwatch"]
    sensor: Id


Wish = Annotated[Ping | Watch | Unwatch, Field(discriminator="op")]
wishes: TypeAdapter[Ping | Watch | Unwatch] = TypeAdapter(Wish)
"""All that a browser may say. Raises ValidationError for anything else, however deep or long."""


class Watches:
    """What one socket watches: until when each sensor has been told, and of which there may be news."""

    def __init__(self) -> None:
        self._told: dict[int, datetime] = {}
        self._due: set[int] = set()

    def __bool__(self) -> bool:
        """Whether there may be something to tell."""
        return bool(self._due)

    def begin(self, wish: Watch) -> bool:
        """Watch it, or watch it from another moment; False where that would be one too many."""
        if wish.sensor not in self._told and len(self._told) >= WATCHED:
            return False
        self._told[wish.sensor] = datetime.fromtimestamp(wish.since, UTC) - timedelta(microseconds=1)
        self._due.add(wish.sensor)
        return True

    def end(self, sensor_id: int) -> None:
        self._told.pop(sensor_id, None)
        self._due.discard(sensor_id)

    def hear(self, event: dict[str, Any]) -> None:
        """News that the feed brought: of a sensor that is watched?"""
        if self._told and event["type"] == "datalogger_update":
            self._due.update(
                sensor["id"]
                for datalogger in event["dataloggers"]
                for sensor in datalogger["sensors"]
                if sensor["id"] in self._told
            )

    def take(self) -> dict[int, datetime]:
        """What is to be asked of the database now, for `read`."""
        due, self._due = self._due, set()
        return {sensor: self._told[sensor] for sensor in due}

    def settle(self, sensor_id: int, asked: datetime, told: datetime) -> bool:
        """It has been told until then; False where it is watched otherwise, or no longer, since it was asked."""
        if self._told.get(sensor_id) != asked:
            return False
        self._told[sensor_id] = told
        return True


def read(asked: dict[int, datetime], sites: Collection[int]) -> dict[int, tuple[datetime, dict[str, Any]]]:
    """The readings of each sensor after its moment, at these sites only: until when, and the event that tells them.

    Raises the database's error.
    """
    found: dict[int, tuple[datetime, dict[str, Any]]] = {}
    for sensor, after in asked.items():
        rows = Reading.objects.filter(sensor=sensor, sensor__datalogger__site__in=sites, time__gt=after)
        last = list(rows.order_by("-time").values_list("time", "values", "sensor__datalogger__site")[: POINTS + 1])
        if last:
            points = last[:POINTS][::-1]
            found[sensor] = (
                points[-1][0],
                {
                    "type": "telemetry",
                    "site_id": points[-1][2],
                    "sensor": sensor,
                    "time": [time.timestamp() for time, _, _ in points],
                    "values": [list(column) for column in zip_longest(*(values for _, values, _ in points))],
                    "is_cut": len(last) > POINTS,
                },
            )
    return found
