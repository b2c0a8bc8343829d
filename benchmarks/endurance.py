"""Memory of listener and workers over minutes at full load: it must be flat."""

import time
from collections.abc import Callable
from statistics import fmean

from benchmarks import field
from benchmarks.field import Load
from benchmarks.figures import Bound, Figure, number
from benchmarks.system import System

Say = Callable[[str], None]

LOOK_S = 2.0
PARTS = ("listener", "ingest workers")


def measure(at: System, rate: int, seconds: int, say: Say) -> list[Figure]:
    """rate: what the machine can bear; a higher one would only fill the broker. The second tenth against the last."""
    load = Load(rate * seconds, rate)
    seen: dict[str, list[float]] = {name: [] for name in PARTS}
    with field.sites(at, 10), field.publishing(at, load):
        field.forget(at)
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            time.sleep(LOOK_S)
            for name, values in seen.items():
                values.append(at.megabytes(name))
            say(f"{rate} msg/s for {rest:.0f} s more; listener {number(seen['listener'][-1])} MB")
        field.until_stored(at, load, say)
    return [_figure(name, values, f"{rate} msg/s, {seconds} s") for name, values in seen.items()]


def _figure(name: str, values: list[float], what: str) -> Figure:
    tenth = len(values) // 10
    early, late = fmean(values[tenth : 2 * tenth]), fmean(values[-tenth:])
    details = f"{number(early)} MB, then {number(late)}; {what}"
    return Figure(f"memory of {name}, last tenth ÷ second", late / early, "", Bound.AT_MOST, 1.1, details)
