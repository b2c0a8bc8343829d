"""Judge the messages of a batch that killed a worker in a child process, where the guilty one kills only the child."""

import logging
import os
import pickle
import resource
import select
import signal
import struct
from collections.abc import Callable, Iterator, Sequence

from mqtt_app.judging.verdicts import Verdict
from mqtt_app.messages import Fate, Message

logger = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""Seconds one message may take; an ordinary one takes less than a millisecond."""

LEAST_PATIENCE_S = 0.03
"""Each message that hung leaves a quarter of the patience to the rest, down to this: a device whose every message
hangs its parser must not hold the batch beyond the task's own time limit, or it would be begun again for ever."""

MEMORY = 512 * 1024 * 1024
"""Bytes a child may allocate beyond what the worker already holds."""

HEADER = struct.Struct("!I")
READY = b"!"
"""A child's first word: making it does not count as a message's time."""


def judge_apart(
    messages: Sequence[Message],
    judge: Callable[[Message], Verdict],
    learn: Callable[[Message, Verdict], None] = lambda *_: None,
) -> list[Verdict]:
    """Judge each message in order; one that kills, hangs or fills the child is named failed and the rest goes on.

    learn: told of each verdict that a child reached, before the next child is made.
    """
    verdicts: list[Verdict] = []
    patience_s = PATIENCE_S
    while len(verdicts) < len(messages):
        judged, hung = _until_death(messages[len(verdicts) :], judge, patience_s)
        for message, verdict in zip(messages[len(verdicts) :], judged, strict=False):
            learn(message, verdict)
        verdicts += judged
        if hung:
            patience_s = max(LEAST_PATIENCE_S, patience_s / 4)
        if len(verdicts) < len(messages):
            verdicts.append(
                Verdict(
                    Fate.FAILED,
                    reason="parser_crashed",
                    detail="Reading this message killed, hung or exhausted the process that did it, twice. "
                    "The message is kept; its parser needs mending.",
                )
            )
            logger.error("A message on %r crashes its parser; it is kept as failed", messages[len(verdicts) - 1].topic)
    return verdicts


def _until_death(
    messages: Sequence[Message], judge: Callable[[Message], Verdict], patience_s: float
) -> tuple[list[Verdict], bool]:
    """The verdicts that a child reached before it died or fell silent, all of them if it did neither; and whether it
    fell silent."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(writer, messages, judge)
    os.close(writer)
    judged: list[Verdict] = []
    try:
        if _read(reader, len(READY), PATIENCE_S):
            judged.extend(_verdicts(reader, len(messages), patience_s))
    except TimeoutError:
        return judged, True
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return judged, False


def _child(writer: int, messages: Sequence[Message], judge: Callable[[Message], Verdict]) -> None:
    """Never returns: what the parent has open (database, queue) is not this process's to close."""
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0)
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        os.write(writer, READY)
        for message in messages:
            body = pickle.dumps(judge(message))
            os.write(writer, HEADER.pack(len(body)))
            view = memoryview(body)
            while view:
                view = view[os.write(writer, view) :]
    finally:
        os._exit(0)


def _verdicts(reader: int, expected: int, patience_s: float) -> Iterator[Verdict]:
    for _ in range(expected):
        header = _read(reader, HEADER.size, patience_s)
        body = _read(reader, HEADER.unpack(header)[0], patience_s) if header else b""
        if not body:
            return
        yield pickle.loads(body)  # noqa: S301  # nosec B301  # our own child wrote it


def _read(reader: int, size: int, patience_s: float) -> bytes:
    """Exactly `size` bytes, or none when the child died. Raises TimeoutError when it is silent for too long."""
    data = b""
    while len(data) < size:
        ready, _, _ = select.select([reader], [], [], patience_s)
        if not ready:
            raise TimeoutError
        chunk = os.read(reader, size - len(data))
        if not chunk:
            return b""
        data += chunk
    return data
