"""Starts processes, restarts the ones that die and says so, and leaves none behind."""

import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO, NoReturn

from project.local import guardian
from project.local.console import Console

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK_S = 0.5  # a signal or the end of a process ends the wait at once; this is for due restarts
POLL_S = 0.1  # while something is awaited
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 30.0
HEALTHY_AFTER_S = 20.0  # lived so long, its next death counts as the first
STALLED_AFTER_S = 60.0  # younger, it may still be starting
TAIL_LINES = 12
LOG_LIMIT_BYTES = 16 * 1024 * 1024  # at a start; one older file is kept


class StopRequested(Exception):
    """Somebody wants the system to stop."""


@dataclass(frozen=True)
class Program:
    """What to start, and how to end it. patience_s: how long it may take to stop before it is killed."""

    name: str
    command: list[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    user: int | None = None
    group: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 5.0


@dataclass
class Child:
    """A program's life: the process that runs it now, or when the next one is due."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    backoff_s: float = FIRST_BACKOFF_S
    due: float | None = None
    status: int = 0
    is_restarted: bool = True


class Supervisor:
    """One thread, one loop. Use as a context manager: leaving it stops everything, in the order that was given."""

    def __init__(self, logs: Path, console: Console, hold: int, leash: int | None = None) -> None:
        """hold: a descriptor that the guardian keeps open until nothing is left, such as the folder's lock.

        leash: a descriptor whose end, when its other side closes, is a wish to stop.
        """
        self._logs, self._console, self._leash = logs, console, leash
        self._children: dict[str, Child] = {}
        self._stop_requests = 0
        self._stalled: deque[tuple[str, str]] = deque()
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that it wakes the loop
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            pass_fds=[hold],
            start_new_session=True,
        )

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def start(self, program: Program) -> None:
        child = self._children[program.name] = Child(program)
        self._spawn(child)

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def tail(self, name: str) -> str:
        """The end of its log, and where the rest is."""
        log = self.log_of(name)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join([f"The end of {log}:", *(f"  {line}" for line in lines[-TAIL_LINES:])])

    def run(self, program: Program) -> int:
        """Starts a program that ends by itself and waits for it; its exit status."""
        child = self._children[program.name] = Child(program, is_restarted=False)
        self._spawn(child)
        self.wait_for(lambda: child.process is None)
        return child.status

    def wait_for(self, condition: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Watches over the children until `condition` holds; False when time runs out. Raises StopRequested."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            self._tick()
            if self._stop_requests:
                raise StopRequested
            if condition():
                return True
            if deadline is not None and time.monotonic() > deadline:
                return False
            self._sleep(POLL_S)

    def run_until_stopped(self) -> NoReturn:
        """Raises StopRequested in the end."""
        while True:
            self._tick()
            if self._stop_requests:
                raise StopRequested
            self._sleep(TICK_S)

    def restart(self, name: str, why: str) -> None:
        """It runs and does nothing: end it by force and start it anew (any thread)."""
        self._stalled.append((name, why))
        with suppress(BlockingIOError):
            os.write(self._waker, b"!")

    def stop(self, waves: Iterable[Iterable[str]]) -> None:
        """Stops wave after wave, then whatever was not named. A stop signal while it waits makes it hurry."""
        named = [list(wave) for wave in waves]
        rest = [name for name in self._children if not any(name in wave for wave in named)]
        before = self._stop_requests
        for wave in [*named, rest]:
            self._stop_wave([self._children[name] for name in wave if name in self._children], before)
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        self._guardian.wait()

    def _stop_wave(self, wave: list[Child], requests_before: int) -> None:
        asked = time.monotonic()
        for child in wave:
            child.is_restarted, child.due = False, None
            if child.process is not None:
                with suppress(ProcessLookupError):
                    child.process.send_signal(child.program.stop_signal)
        while any(child.process is not None for child in wave):
            self._tick()
            for child in wave:
                late = time.monotonic() - asked > child.program.patience_s
                if child.process is not None and (late or self._stop_requests > requests_before):
                    guardian.send(child.process.pid, signal.SIGKILL)
            if any(child.process is not None for child in wave):
                self._sleep(POLL_S)

    def _spawn(self, child: Child) -> None:
        program = child.program
        with self._open_log(program.name) as log:
            child.process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=program.env,
                cwd=program.cwd,
                user=program.user,
                group=program.group,
                extra_groups=None if program.user is None else [],
                start_new_session=True,  # Ctrl-C reaches us only, and the children's order is ours
            )
        self._tell_guardian(f"+{child.process.pid} {int(program.stop_signal)}")
        child.started, child.due = time.monotonic(), None

    def _open_log(self, name: str) -> BinaryIO:
        path = self.log_of(name)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _tick(self) -> None:
        now = time.monotonic()
        while self._stalled:
            self._end_stalled(*self._stalled.popleft(), now)
        for child in self._children.values():
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, child.process, now)
            elif child.due is not None and now >= child.due:
                self._spawn(child)

    def _end_stalled(self, name: str, why: str, now: float) -> None:
        """Only one that is there to stay, and has had the time to do something."""
        child = self._children[name]
        if child.process is not None and child.is_restarted and now - child.started > STALLED_AFTER_S:
            self._console.warn(f"{name} has stalled: {why}. It is killed.")
            guardian.send(child.process.pid, signal.SIGKILL)

    def _bury(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        """What a dead process left in its group goes with it, so that two never do the same work."""
        guardian.send(process.pid, signal.SIGKILL)
        self._tell_guardian(f"-{process.pid}")
        child.process, child.status = None, process.returncode
        if not child.is_restarted:
            return
        if now - child.started > HEALTHY_AFTER_S:
            child.backoff_s = FIRST_BACKOFF_S
        self._console.warn(
            f"{child.program.name} died ({_cause(process.returncode)}); it starts again in {child.backoff_s:g} s. "
            f"Its log: {self.log_of(child.program.name)}"
        )
        child.due, child.backoff_s = now + child.backoff_s, min(child.backoff_s * 2, LONGEST_BACKOFF_S)

    def _sleep(self, seconds: float) -> None:
        with suppress(BlockingIOError, InterruptedError):
            leash = [] if self._leash is None else [self._leash]
            ready, _, _ = select.select([self._wake, *leash], [], [], seconds)
            if self._leash in ready and not os.read(self._leash, 4096):
                self._stop_requests, self._leash = self._stop_requests + 1, None
            os.read(self._wake, 4096)

    def _tell_guardian(self, line: str) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.write(f"{line}\n".encode())
        self._guardian.stdin.flush()


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
