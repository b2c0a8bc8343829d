"""Every step of worker.Dockerfile, run as written in a scratch root that is laid over this machine's and thrown away.

`make rehearse`. It needs root, a package index and an npm registry; an engine's own base images are not tried.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from project.environment import BASE_DIR
from tests.composition import DOCKERFILE

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1_200)]

INSTRUCTION = re.compile(r"^([A-Z]+) (.+?)(?<!\\)$", re.MULTILINE | re.DOTALL)


class Root:
    """A stage: this machine's files below, what the stage writes above, chroot into both."""

    def __init__(self, folder: Path) -> None:
        self.upper, self._work, self._merged = (folder / name for name in ("upper", "work", "merged"))
        for each in (self.upper, self._work, self._merged):
            each.mkdir(parents=True)
        self.cwd, self.env, self.user = "/", {"PATH": f"/image/bin:{os.environ['PATH']}", "HOME": "/root"}, "0"
        (self.upper / "root").mkdir(mode=0o755)  # where a machine's Python may be, which unprivileged users must reach
        self._name("python", sys.executable)
        self._name("pip", str(Path(sys.executable).parent / "pip"))

    def _name(self, word: str, program: str) -> None:
        """What the base image calls so."""
        target = self.upper / "image/bin" / word
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        target.chmod(0o755)

    def run(self, command: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        script = (
            f"mount -t overlay overlay -o lowerdir=/,upperdir={self.upper},workdir={self._work} {self._merged} && "
            f"mount --rbind /proc {self._merged}/proc && mount --rbind /dev {self._merged}/dev && "
            f"exec chroot --userspec={self.user} {self._merged} /bin/sh -c "
            """'cd "$0" && exec /bin/sh -ec "$1"' "$0" "$1" """
        )
        words = ["unshare", "-m", "/bin/sh", "-ec", script, self.cwd, command]
        done = subprocess.run(words, env=self.env, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def copy(self, sources: list[Path], target: str, source_folder: Path) -> None:
        into = self.upper / Path(self.cwd, target).relative_to("/")
        for source in sources:
            if source.is_dir():
                ignored = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
                ignore = ignored if source_folder == BASE_DIR else None
                shutil.copytree(source, into, dirs_exist_ok=True, symlinks=True, ignore=ignore)
            else:
                whole = into / source.name if target.endswith("/") else into
                whole.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, whole)


def instructions() -> Iterator[tuple[str, str]]:
    text = "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#"))
    for name, words in INSTRUCTION.findall(text):
        yield name, words.replace("\\\n", "")


def test_every_step_of_the_dockerfile_works(tmp_path: Path) -> None:
    if os.geteuid() != 0 or which("unshare") is None or which("npm") is None:
        pytest.skip("NOT TESTED: the steps of worker.Dockerfile need root, unshare, and npm")
    stages: dict[str, Root] = {}
    root = Root(tmp_path / "none")
    for name, words in instructions():
        match name, words.split():
            case "FROM", [_, *alias]:
                root = stages[alias[-1] if alias else "last"] = Root(tmp_path / str(len(stages)))
            case "WORKDIR", [folder]:
                root.cwd = folder
                (root.upper / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "ENV", pairs:
                for pair in pairs:
                    key, _, value = pair.partition("=")
                    root.env[key] = value.replace("$PATH", root.env["PATH"])
            case "COPY", [flag, source, target] if flag.startswith("--from="):
                above = stages[flag.removeprefix("--from=")].upper
                root.copy([above / source.lstrip("/")], target, above)
            case "COPY", [*sources, target]:
                root.copy([BASE_DIR / source for source in sources], target, BASE_DIR)
            case "RUN", _:
                root.run(words)
            case "USER", [user]:
                root.user = user
            case "EXPOSE" | "CMD" | "HEALTHCHECK", _:
                pass
            case _:
                pytest.fail(f"what is {name} {words}?")
    root.env |= {"SECRET_KEY": "only-for-this-rehearsal", "FIELD_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    assert "no issues" in root.run("python manage.py check").stdout
    assert root.run("id -u; which uvicorn celery").stdout.split() == ["10001", "/venv/bin/uvicorn", "/venv/bin/celery"]
    assert root.run("touch /logs/written").returncode == 0
    assert root.run("touch /app/written", check=False).returncode != 0
    assert root.run("ls /app/frontend/dist/.vite/manifest.json /app/frontend").stdout.split()[-1] == "dist"
