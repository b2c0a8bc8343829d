"""`python -m benchmarks [--quick] [--only GROUP …]`: measures, prints a table while it runs, writes results.json.

A run of everything begins the file anew; one with --only replaces those groups in it and leaves the others.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import endurance, latency, listening, machine, reading, system, throughput
from benchmarks.figures import Figure
from benchmarks.system import System

RESULTS = Path(__file__).with_name("results.json")

RATES = (500, 1_500, 3_000)
"""Messages a second, held for two minutes each."""

Say = Callable[[str], None]
Measure = Callable[[System, bool, Say], Sequence[Figure]]

GROUPS: dict[str, Measure] = {
    "throughput": lambda at, quick, say: throughput.measure(at, 6_000 if quick else 200_000, say),
    "latency": lambda at, quick, say: latency.measure(at, 8 if quick else 120, say),
    "steady": lambda at, quick, say: [
        figure
        for rate in ((500,) if quick else RATES)
        for figure in latency.steady(at, rate, 10 if quick else 120, say)
    ],
    "reading": lambda at, quick, say: reading.measure(at, *((10, 90) if quick else (100, 365)), say, spread=not quick),
    "listening": lambda at, quick, say: listening.measure(at, *((10, 5_000) if quick else (60, 50_000)), say),
    "grown": lambda at, quick, say: throughput.grown(at, *((5_000, 500_000) if quick else (50_000, 20_000_000)), say),
    "endurance": lambda at, quick, say: endurance.measure(at, *((500, 60) if quick else (RATES[-1], 600)), say),
}
"""What each measures, with --quick and without."""

EVERY_DAY = ("throughput", "latency", "reading")
"""What --quick measures, in less than two minutes; the other groups only where they are asked for."""


class Progress:
    """What is being done, on a terminal's last line; where there is no terminal, nothing."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.group = ""

    def __call__(self, words: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K  {time.monotonic() - self._began:4.0f} s  {self.group}: {words}")
            sys.stderr.flush()

    def line(self, words: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
        print(words, flush=True)


def main(arguments: argparse.Namespace) -> int:
    """The exit status: 1 when a target is missed, or a group failed. What is measured is written after each group."""
    progress = Progress()
    found = machine.describe(system.mosquitto())
    progress.line("\n".join(f"{name:>14}  {value}" for name, value in found.items()))
    progress.line(f"{'mosquitto':>14}  max_inflight_messages {system.WINDOW}\n")
    figures: list[Figure] = []
    took: dict[str, float] = {}
    failed: list[str] = []
    run = {"quick": arguments.quick, "machine": found | {"max_inflight_messages": system.WINDOW}}
    record = json.loads(RESULTS.read_text()) if arguments.only and RESULTS.exists() else {}
    with system.running() as at:
        for name in arguments.only or (EVERY_DAY if arguments.quick else GROUPS):
            progress.group, began, at_once = name, time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
            measured: Sequence[Figure] = ()
            try:
                measured = GROUPS[name](at, arguments.quick, progress)
                progress.line("\n".join(figure.line() for figure in measured))
            except Exception:  # noqa: BLE001  a long run is not lost with one of its groups
                failed.append(name)
                progress.line(f"{name} failed:\n{traceback.format_exc()}")
            figures += measured
            took[name] = round(time.monotonic() - began, 1)
            told = {"at": at_once, "seconds": took[name], "figures": [one.record() for one in measured]}
            record[name] = run | told | {"has_failed": name in failed}
            RESULTS.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    if left := [name for name in GROUPS if name not in took and not arguments.only]:
        progress.line(f"\nleft out: {', '.join(left)} (without --quick they are measured)")
    missed = [figure.name for figure in figures if figure.is_met is False]
    progress.line("\nseconds: " + ", ".join(f"{name} {one:.0f}" for name, one in took.items()))
    progress.line(f"{len(missed)} targets missed{': ' + '; '.join(missed) if missed else ''}. {RESULTS}")
    return bool(missed or failed)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the system on this machine.")
    parser.add_argument("--quick", action="store_true", help="smaller loads; under two minutes")
    parser.add_argument("--only", nargs="+", choices=list(GROUPS), metavar="GROUP", help=", ".join(GROUPS))
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        sys.exit(main(parsed()))
    except system.Missing as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        sys.exit(130)
