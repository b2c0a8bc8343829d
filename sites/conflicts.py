"""A serial that turns up at a second site is a device of its own there, and is flagged: nothing moves silently."""

from collections.abc import Collection

from sites.binary import arrays
from sites.upsert import query, unnest

COLUMNS = [("site_id", "bigint"), ("serial", "text")]

FLAG = """
INSERT INTO sites_serialconflict (site_id, other_id, role, serial, found_at)
SELECT v.site_id, d.site_id, '{role}', v.serial, now() FROM {rows}
JOIN sites_{role} d ON d.serial = v.serial AND d.site_id <> v.site_id
ORDER BY 1, 2, 4 ON CONFLICT DO NOTHING
RETURNING site_id, serial
"""


def flag(role: str, new: Collection[tuple[int, str]]) -> list[tuple[int, str]]:
    """Flag those of these new devices, by site and serial, whose serial another site knows; returns them."""
    if not new:
        return []
    return query(FLAG.format(role=role, rows=unnest(COLUMNS)), arrays(sorted(new), COLUMNS))
