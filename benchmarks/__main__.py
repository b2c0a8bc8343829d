"""`python -m benchmarks [--quick] [--only GROUP …]`: measures, prints a table while it runs, writes results.json."""

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
    "throughput": lambda at, quick, say: throughput.measure(at, 10_000 if quick else 200_000, say),
    "latency": lambda at, quick, say: latency.measure(at, 10 if quick else 120, say),
    "steady": lambda at, quick, say: [
        figure
        for rate in ((500,) if quick else RATES)
        for figure in latency.steady(at, rate, 10 if quick else 120, say)
    ],
    "reading": lambda at, quick, say: reading.measure(at, 10 if quick else 100, say, spread=not quick),
    "listening": lambda at, quick, say: [] if quick else listening.measure(at, 60, 50_000, say),
    "grown": lambda at, quick, say: [] if quick else throughput.grown(at, 50_000, 20_000_000, say),
    "endurance": lambda at, quick, say: [] if quick else endurance.measure(at, RATES[-1], 600, say),
}
"""What each measures, with --quick and without; three of them are too long for every day."""


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
    record = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": arguments.quick,
        "machine": found | {"max_inflight_messages": system.WINDOW},
    }
    with system.running() as at:
        for name in arguments.only or GROUPS:
            progress.group, began = name, time.monotonic()
            try:
                for figure in GROUPS[name](at, arguments.quick, progress):
                    figures.append(figure)
                    progress.line(figure.line())
            except Exception:  # noqa: BLE001  a long run is not lost with one of its groups
                failed.append(name)
                progress.line(f"{name} failed:\n{traceback.format_exc()}")
            took[name] = round(time.monotonic() - began, 1)
            record |= {"figures": [one.record() for one in figures], "seconds": took, "failed": failed}
            RESULTS.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
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
