"""One thread's turns: the sockets that are ready (epoll: as many as may be open), and the steps posted to it."""

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Socket(Protocol):
    """Something with a descriptor, which is remembered while it is watched: a closed socket forgets its own."""

    def fileno(self) -> int: ...


S = TypeVar("S", bound=Socket)


class Loop(Generic[S]):
    """Everything but `post` belongs to the thread that takes the turns."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callable[[], None]] = deque()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(self._ear, READ, None)
        self.watched: dict[S, tuple[int, int]] = {}
        """Each socket's descriptor and what is waited for: READ, WRITE, both or neither."""

    def post(self, step: Callable[[], None]) -> None:
        """Have `step` run in the next turn (any thread)."""
        self._posted.append(step)
        with contextlib.suppress(OSError):  # a bell that is full rings already; one that is closed need not
            self._bell.send(b"!")

    def turn(self, patience_s: float, handle: Callable[[S, int], None]) -> bool:
        """Wait for something to happen, and do it: `handle` a ready socket, run a posted step. Says whether it did."""
        events = self._selector.select(patience_s)
        for key, mask in events:
            if key.data is None:
                self._hear_bell()
            else:
                handle(key.data, mask)
        steps = len(self._posted)
        for _ in range(steps):
            self._posted.popleft()()
        return bool(events or steps)

    def _hear_bell(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._ear.recv(4096):
                pass

    def watch(self, one: S, wanted: int) -> None:
        """From now on tell when `one` is ready for what is wanted, which may be nothing."""
        descriptor, current = self.watched.get(one, (one.fileno(), 0))
        if wanted == current:
            return
        if not current:
            self._selector.register(descriptor, wanted, one)
        elif wanted:
            self._selector.modify(descriptor, wanted, one)
        else:
            self._selector.unregister(descriptor)
        self.watched[one] = (descriptor, wanted)

    def unwatch(self, one: S) -> None:
        """Forget it; to be called before its descriptor is closed by us, and works after someone else has."""
        descriptor, current = self.watched.pop(one, (-1, 0))
        if current:
            self._selector.unregister(descriptor)

    def close(self) -> None:
        self._posted.clear()
        self._selector.close()
        self._ear.close()
        self._bell.close()
