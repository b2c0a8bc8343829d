"""Which TCP ports the local system takes on loopback, and whether they are free."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from errno import EADDRINUSE

LOOPBACK = "127.0.0.1"

NEAR = 20
"""How many ports above a taken one are tried before any free one is suggested."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A port for `what`; the option names how to choose another. 0: any free one."""

    what: str
    option: str
    port: int


class PortTaken(Exception):
    """A port cannot be had; the text says which and how to choose another."""


def choose(wanted: Iterable[Wanted]) -> dict[str, int]:
    """The port of each option. Raises PortTaken naming every one that cannot be had. Nothing stays open."""
    chosen: dict[str, int] = {}
    troubles = []
    with ExitStack() as stack:  # all are held until all are known, so that two never get the same
        for each in wanted:
            probe = stack.enter_context(socket.socket())
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, each.port))
                probe.listen(1)
            except (OSError, OverflowError) as error:
                troubles.append(_trouble(each, error))
            else:
                chosen[each.option] = probe.getsockname()[1]
    if troubles:
        raise PortTaken("\n".join(troubles))
    return chosen


def free_port() -> int:
    """A port nobody listens on now."""
    return choose([Wanted("", "any", 0)])["any"]


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _trouble(wanted: Wanted, error: Exception) -> str:
    why = "is in use" if isinstance(error, OSError) and error.errno == EADDRINUSE else f"cannot be opened ({error})"
    other = _free_above(wanted.port)
    return f"Port {wanted.port} ({wanted.what}) {why}: choose another with {wanted.option} {other}"


def _free_above(port: int) -> str:
    """A port that can be had now, near the one that cannot; 0 where none is near."""
    near = range(port + 1, min(port + 1 + NEAR, 65_536)) if port >= 1024 else range(0)
    free = next((str(other) for other in near if not answers(other)), None)
    return free or "0 (it takes any free one)"
