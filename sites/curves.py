"""A site's one telling value over two days: the sum of a plant's power, the greatest tilt of a structure."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sites import headlines
from sites.models import Site
from sites.upsert import query

BUCKET = timedelta(minutes=10)
SPAN = timedelta(days=2)
SENSORS = 200  # of a site; more are not read for one picture
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Sums of doubles overflow with an error; clipped so, no two hundred of them do.
EACH = {
    "ac_power": "avg(least(greatest(values[1], -1e290), 1e290))",
    "tilt": "max(greatest(abs(values[1]), abs(values[2])))",
}
ALL = {"ac_power": "sum(value)", "tilt": "max(value)"}
CURVE = """
SELECT bucket, {all} FROM (
    SELECT sensor_id, date_bin(%s, time, %s) AS bucket, {each} AS value
    FROM sites_reading WHERE sensor_id = ANY(%s) AND time >= %s AND time < %s
    GROUP BY sensor_id, bucket
) AS each GROUP BY bucket
"""


class Curve(NamedTuple):
    """Columns of equal length, oldest first; null where nothing was read. time: when a bucket starts, since 1970."""

    name: str
    unit: str
    bucket_s: float
    time: list[float]
    value: list[float | None]


def of_site(site: Site, now: datetime) -> Curve | None:
    """None for a site whose devices measure neither."""
    sensors = list(headlines.telling(site)[:SENSORS])
    if not sensors:
        return None
    name, unit = headlines.name_of(site), sensors[0].shown_unit
    last = EPOCH + (now - EPOCH) // BUCKET * BUCKET
    first = last - SPAN + BUCKET
    ids = [sensor.pk for sensor in sensors if sensor.shown_unit == unit]
    sql = CURVE.format(each=EACH[name], all=ALL[name])
    found: dict[datetime, Any] = dict(query(sql, (BUCKET, EPOCH, ids, first, now)))
    starts = [first + number * BUCKET for number in range(SPAN // BUCKET)]
    return Curve(
        name, unit, BUCKET.total_seconds(), [at.timestamp() for at in starts], [found.get(at) for at in starts]
    )
