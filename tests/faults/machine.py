"""What only root can do to a machine: small disks, and networks that are cut without a word. Else skipped, loudly."""

import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CHUNK = 4096


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def needs_root(*commands: tuple[str, ...]) -> None:
    """Tries these; skips the test when one of them may not be done here."""
    try:
        for command in commands:
            run(*command)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"NOT TESTED: needs root and {commands[0][0]} ({error})")


@contextmanager
def small_disk(folder: Path, megabytes: int = 400) -> Iterator[None]:
    """`folder` is a disk of its own while this lasts."""
    folder.mkdir()
    try:
        needs_root(("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(folder)))
        try:
            yield
        finally:
            run("umount", "--lazy", str(folder))
    finally:
        folder.rmdir()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not one byte more can be written there."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(CHUNK))
    try:
        yield
    finally:
        ballast.unlink()


@dataclass(frozen=True)
class Room:
    """A network namespace with two ways to it, each a cable that can be pulled."""

    name: str
    ours: str
    theirs: str
    outside: str
    """What the room sees of this machine, at the end of our cable."""

    def enter(self) -> tuple[str, ...]:
        """What a command begins with that is to run in it."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Pull our cable: both ends believe in what was open."""
        run("ip", "link", "set", f"{self.name}a", "down")

    def mend(self) -> None:
        run("ip", "link", "set", f"{self.name}a", "up")


@contextmanager
def room() -> Iterator[Room]:
    """ours, theirs: the address of the room at the end of either cable."""
    name = f"fl{secrets.token_hex(3)}"
    nets = {"a": "10.231.1", "b": "10.231.2"}
    needs_root(("ip", "netns", "add", name))
    try:
        for end, net in nets.items():
            inside = ("ip", "netns", "exec", name, "ip")
            run("ip", "link", "add", name + end, "type", "veth", "peer", "name", f"in{end}", "netns", name)
            run("ip", "addr", "add", f"{net}.1/24", "dev", name + end)
            run("ip", "link", "set", name + end, "up")
            run(*inside, "addr", "add", f"{net}.2/24", "dev", f"in{end}")
            run(*inside, "link", "set", f"in{end}", "up")
        yield Room(name, f"{nets['a']}.2", f"{nets['b']}.2", f"{nets['a']}.1")
    finally:
        run("ip", "netns", "del", name)
