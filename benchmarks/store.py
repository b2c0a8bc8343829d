"""How fast the yardstick's own store is, beside COPY of the same rows from a file. One process, one connection.

`python -m benchmarks.store MESSAGES` prints both, in readings a second, as one line of JSON.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator

from django.db import connection

from benchmarks import load, pipe
from project.collector import settle
from sites.heard import Heard
from sites.upsert import query

BATCH, DATALOGGERS, PREFIX = 500, 50, "pipe"


def batches(messages: int) -> Iterator[list[Heard]]:
    """The load, as the yardstick's workers see it once it is validated."""
    for first in range(0, messages, BATCH):
        yield pipe.read([_message(index) for index in range(first, min(first + BATCH, messages))])


def _message(index: int) -> tuple[str, bytes, float]:
    datalogger, count = index % DATALOGGERS, index // DATALOGGERS + 1
    site = f"{PREFIX}_{datalogger % pipe.SITES + 1:04}"
    return f"{site}/gateway/1/dataloggers/telemetry", load.payload(site, datalogger, count), time.time()


def empty() -> None:
    query("TRUNCATE sites_reading")
    query("UPDATE sites_sensor SET latest_values = NULL, latest_time = NULL")
    query("CHECKPOINT")


def stored_in(work: list[list[Heard]]) -> float:
    """Seconds that the yardstick takes to store these batches, each in a transaction of its own."""
    empty()
    began = time.perf_counter()
    for heard in work:
        pipe.keep(heard)
    return time.perf_counter() - began


def copied_in(path: str) -> float:
    """Seconds that COPY takes to bring the rows back from a file, in one transaction."""
    empty()
    began = time.perf_counter()
    with connection.cursor() as cursor, open(path, "rb") as rows, cursor.copy("COPY sites_reading FROM STDIN") as copy:
        while block := rows.read(256 * 1024):
            copy.write(block)
    return time.perf_counter() - began


def main(messages: int) -> None:
    work = list(batches(messages))
    pipe.keep(work[0])  # devices and sensors are known before the clock runs
    settle()  # as the yardstick's workers do
    with tempfile.NamedTemporaryFile() as file:
        pairs = []
        for _ in range(3):  # in turn, so that the machine's moods meet both
            mine = stored_in(work)
            with connection.cursor() as cursor, cursor.copy("COPY (SELECT * FROM sites_reading) TO STDOUT") as copy:
                file.seek(0)
                file.writelines(copy)
                file.flush()
            pairs.append((mine, copied_in(file.name)))
    readings = messages * load.READINGS
    best = min(mine for mine, _ in pairs), min(theirs for _, theirs in pairs)
    print(json.dumps({"store": readings / best[0], "copy": readings / best[1]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
