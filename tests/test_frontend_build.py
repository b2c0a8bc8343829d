"""When the front end is built again, and with which Node."""

import os
import stat
from pathlib import Path

import pytest

from project.local import frontend
from project.local.frontend import CannotBuild, Steps


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end, and a machine whose npm writes down what it is asked."""
    machine, here = tmp_path / "bin", tmp_path / "frontend"
    program(machine / "node", "echo v22.1.0")
    program(
        machine / "npm",
        f'echo "$@" >> {tmp_path}/asked; mkdir -p node_modules dist; exit $(cat {tmp_path}/status)',
    )
    monkeypatch.setenv("PATH", f"{machine}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "status").write_text("0")
    (here / "src").mkdir(parents=True)
    (here / "src/main.tsx").write_text("1")
    (here / "package-lock.json").write_text("{}")
    return here


def program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def asked(folder: Path) -> list[str]:
    """What npm was asked since the last look."""
    log = folder.parent / "asked"
    lines = [line.split("--loglevel=error ")[1] for line in log.read_text().splitlines()] if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def test_it_is_installed_and_built_once(folder: Path) -> None:
    Steps(folder).build()
    assert asked(folder) == ["ci", "run build"]
    Steps(folder).build()
    assert asked(folder) == []


def test_a_changed_added_or_removed_source_builds_again_without_installing(folder: Path) -> None:
    Steps(folder).build()
    asked(folder)
    for change in (
        lambda: (folder / "src/main.tsx").write_text("2"),
        lambda: (folder / "src/new.tsx").write_text("1"),
        lambda: (folder / "src/new.tsx").unlink(),
    ):
        change()
        Steps(folder).build()
        assert asked(folder) == ["run build"]


def test_a_changed_lock_installs_again(folder: Path) -> None:
    Steps(folder).build()
    asked(folder)
    (folder / "package-lock.json").write_text('{"packages": {}}')
    Steps(folder).build()
    assert asked(folder) == ["ci", "run build"]


def test_a_step_that_failed_is_tried_again(folder: Path) -> None:
    (folder.parent / "status").write_text("3")
    with pytest.raises(CannotBuild, match="status 3"):
        Steps(folder).build()
    (folder.parent / "status").write_text("0")
    Steps(folder).run("check")
    assert asked(folder)[-2:] == ["ci", "run check"]
    Steps(folder).run("check")
    assert asked(folder) == []


def test_the_machines_node_is_taken_when_it_is_new_enough_and_named(folder: Path) -> None:
    place, words = frontend.node()
    assert (place, words) == (folder.parent / "bin", "the machine's Node 22.1.0")
