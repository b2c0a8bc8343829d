"""Asks for known vulnerabilities of everything that runs (`make audit`), and says what could not be asked.

Exit status 0: all were asked, none is known. 1: some are known. 2: none is known, but not all could be asked.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

from project.environment import BASE_DIR

LOCK = BASE_DIR / "requirements/base.lock"
PAGES = BASE_DIR / "frontend"
TIMEOUT_S = 300


class Found(NamedTuple):
    """asked: of how many packages. known: vulnerabilities, in words. unasked: why, for each that could not be."""

    who: str
    asked: int
    known: list[str]
    unasked: list[str]

    def lines(self) -> Iterable[str]:
        yield f"{self.who}: {len(self.known)} known vulnerabilities in the {self.asked} packages that were asked of."
        yield from (f"  {one}" for one in self.known)
        if self.unasked:
            yield f"  NOT ASKED: {len(self.unasked)}. {self.unasked[0]}"


def python(program: str) -> Found:
    """pip-audit itself ends with status 0 when it could ask of nothing."""
    said, failure = _said([program, "--require-hashes", "--disable-pip", "-f", "json", "-r", str(LOCK)])
    if said is None:
        return Found("pip-audit", 0, [], [failure])
    packages = said["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    known = [f"{one['name']} {one['version']}: {bad['id']}" for one in asked for bad in one["vulns"]]
    unasked = [one["skip_reason"] for one in packages if "skip_reason" in one]
    return Found("pip-audit", len(asked), known, unasked)


def pages(program: str) -> Found:
    said, failure = _said([program, "--prefix", str(PAGES), "audit", "--omit=dev", "--json"])
    if said is None or "metadata" not in said:
        error = (said or {}).get("message") or (said or {}).get("error", {}).get("summary") or failure
        return Found("npm audit", 0, [], [error])
    known = [f"{name}: {one['severity']}" for name, one in said["vulnerabilities"].items()]
    return Found("npm audit", said["metadata"]["dependencies"]["prod"], known, [])


def _said(command: Sequence[str]) -> tuple[dict[str, Any] | None, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        return json.loads(done.stdout), done.stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    except ValueError:
        return None, (done.stderr.strip() or "It said nothing.").splitlines()[-1]


def main() -> int:
    beside = Path(sys.executable).parent
    found = [python(str(beside / "pip-audit")), pages(which("npm") or str(beside / "npm"))]
    for one in found:
        print("\n".join(one.lines()))  # noqa: T201
    return 1 if any(one.known for one in found) else 2 if any(one.unasked for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
