"""Which TCP ports the local system takes on loopback, and whether they are free."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack, suppress
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
    troubles: list[tuple[Wanted, Exception]] = []
    with ExitStack() as stack:  # all are held until all are known, so that two never get the same
        for each in wanted:
            try:
                chosen[each.option] = _hold(each.port, stack)
            except (OSError, OverflowError) as error:
                troubles.append((each, error))
        if troubles:
            raise PortTaken("\n".join(_trouble(*each, stack) for each in troubles))
    return chosen


def _hold(port: int, stack: ExitStack) -> int:
    """Listens there until `stack` is left; the port that it got. Raises OSError, OverflowError."""
    probe = stack.enter_context(socket.socket())
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((LOOPBACK, port))
    probe.listen(1)
    return int(probe.getsockname()[1])


def free_port() -> int:
    """A port nobody listens on now."""
    return choose([Wanted("", "any", 0)])["any"]


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _trouble(wanted: Wanted, error: Exception, stack: ExitStack) -> str:
    why = "is in use" if isinstance(error, OSError) and error.errno == EADDRINUSE else f"cannot be opened ({error})"
    other = _free_above(wanted.port, stack)
    return f"Port {wanted.port} ({wanted.what}) {why}: choose another with {wanted.option} {other}"


def _free_above(port: int, stack: ExitStack) -> str:
    """A port near the one that cannot be had, held so that it is suggested once; 0 where none is free."""
    for other in range(port + 1, min(port + 1 + NEAR, 65_536)) if port >= 1024 else ():
        with suppress(OSError):
            return str(_hold(other, stack))
    return "0 (it takes any free one)"
