"""Ends what a supervisor started, also when the supervisor itself was killed and could say nothing any more.

It runs as a process of its own. The supervisor tells it, a line each, which process groups live (`+pgid signal`) and
which are gone (`-pgid`). When the pipe closes, what still lives is asked to stop, and after PATIENCE_S made to.
"""

import os
import signal
import sys
import time

PATIENCE_S = 6.0  # what was not committed by then the broker delivers again
POLL_S = 0.05


def watch() -> dict[int, int]:
    """Process groups that live when the supervisor is gone, each with the signal that asks it to stop."""
    alive: dict[int, int] = {}
    for line in sys.stdin:
        words = line.split()
        group = int(words[0][1:])
        if words[0].startswith("+"):
            alive[group] = int(words[1])
        else:
            alive.pop(group, None)
    return alive


def end(alive: dict[int, int], patience_s: float = PATIENCE_S) -> None:
    for group, stop_signal in alive.items():
        send(group, stop_signal)
    deadline = time.monotonic() + patience_s
    while any(send(group, 0) for group in alive) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for group in alive:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Whether the group still existed."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(watch())
