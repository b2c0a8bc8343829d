"""A thousand connections: what they cost while nothing comes, how long reconcile takes, and a load over all of them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import field, throughput
from benchmarks.field import Load
from benchmarks.figures import Bound, Figure, number
from benchmarks.system import System
from project.environment import BASE_DIR

Say = Callable[[str], None]

CONNECTIONS, DEVICES, DATALOGGERS = 1_000, 20_000, 10_000
SETTLING_S = 10

MAKE_DEVICES = """
INSERT INTO sites_datalogger (site_id, serial, status, last_seen_at, interval_s)
SELECT s.id, 'idle_' || n, 'online', now(), 600
FROM generate_series(1, %s) n JOIN sites_site s ON s.slug = 'bench_' || to_char(1 + n %% %s, 'FM0000')
"""
RECONCILE = """
import json, time, django
django.setup()
from tasks.control import reconcile
took = []
for _ in range(6):
    began = time.perf_counter()
    reconcile()
    took.append(time.perf_counter() - began)
print(json.dumps(took))
"""


def measure(at: System, seconds: int, messages: int, say: Say) -> list[Figure]:
    """messages: of each load; without any, throughput is left out."""
    narrow = _best(at, Load(messages), say) if messages else None
    say(f"connecting {CONNECTIONS:,} times")
    with field.sites(at, CONNECTIONS):
        figures = [*_idle(at, seconds, say), _reconcile(at, say)]
        if narrow:
            wide = _best(at, Load(messages, sites=CONNECTIONS, dataloggers=DATALOGGERS), say)
            figures.append(_ratio(wide, narrow))
    return figures


def _idle(at: System, seconds: int, say: Say) -> list[Figure]:
    """Memory, and the share of a core, of the listener."""
    (listener,) = at.parts("listener")
    time.sleep(SETTLING_S)
    say(f"{CONNECTIONS:,} idle connections")
    before = sum(listener.cpu_times()[:2])
    time.sleep(seconds)
    share = 100 * (sum(listener.cpu_times()[:2]) - before) / seconds
    megabytes = listener.memory_info().rss / 1e6
    return [
        Figure(f"{CONNECTIONS:,} idle connections, memory", megabytes, "MB", Bound.AT_MOST, 250),
        Figure(f"{CONNECTIONS:,} idle connections, of a core", share, "%", Bound.AT_MOST, 5, f"over {seconds} s"),
    ]


def _reconcile(at: System, say: Say) -> Figure:
    say("reconcile")
    at.query(MAKE_DEVICES, [DEVICES, CONNECTIONS])
    at.query("ANALYZE")
    command = [sys.executable, "-c", RECONCILE]
    done = subprocess.run(command, cwd=BASE_DIR, env=dict(at.env), stdout=subprocess.PIPE, text=True, check=True)
    took = json.loads(done.stdout.splitlines()[-1])[1:]  # the first one opens the connection
    name = f"reconcile of {CONNECTIONS:,} connections, {DEVICES:,} devices"
    return Figure(
        name, max(took), "s", Bound.AT_MOST, 1, f"the slowest of {len(took)}; the fastest {number(min(took))} s"
    )


def _best(at: System, load: Load, say: Say) -> throughput.Run:
    """Of two loads the faster, after one that makes devices and sensors; the sites of the narrow one are made here."""
    if load.sites == CONNECTIONS:
        return _runs(at, load, say)
    with field.sites(at, load.sites):
        return _runs(at, load, say)


def _runs(at: System, load: Load, say: Say) -> throughput.Run:
    throughput.run(at, Load(load.dataloggers * 2, sites=load.sites, dataloggers=load.dataloggers), say)
    return max((throughput.run(at, load, say) for _ in range(2)), key=lambda one: one.rate)


def _ratio(wide: throughput.Run, narrow: throughput.Run) -> Figure:
    name = f"throughput, {CONNECTIONS:,} sites, 100,000 sensors ÷ 50 dataloggers"
    details = f"{number(wide.rate)} msg/s against {number(narrow.rate)}; {wide.words()}"
    return Figure(name, wide.rate / narrow.rate, "", Bound.AT_LEAST, 0.7, details, wide.record())
