"""A message that kills, hangs or fills the process that reads it is found in a child, and only it fails."""

import os
import signal
import time

import pytest

from mqtt_app.judging import isolation
from mqtt_app.judging.isolation import judge_apart
from mqtt_app.judging.verdicts import Verdict
from mqtt_app.messages import Fate, Message
from tests.field import message


def dangerous(one: Message) -> Verdict:
    if one.payload == b"kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if one.payload == b"hang":
        time.sleep(60)
    if one.payload == b"fill":
        bytearray(2 * 1024**3)
    return Verdict(Fate.STORED, topic=one.payload.decode())


@pytest.mark.parametrize("bad", [b"kill", b"hang"])
def test_the_guilty_message_fails_and_its_neighbours_are_judged(bad: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "PATIENCE_S", 0.5)
    messages = [message(payload=payload) for payload in (b"a", bad, b"b", bad, b"c")]
    verdicts = judge_apart(messages, dangerous)
    assert [verdict.fate for verdict in verdicts] == [
        Fate.STORED, Fate.FAILED, Fate.STORED, Fate.FAILED, Fate.STORED
    ]  # fmt: skip
    assert {verdict.reason for verdict in verdicts if verdict.fate is Fate.FAILED} == {"parser_crashed"}
    assert [verdict.topic for verdict in verdicts if verdict.topic] == ["a", "b", "c"]


def test_a_message_that_eats_memory_costs_only_itself() -> None:
    fates = [one.fate for one in judge_apart([message(payload=b"fill"), message(payload=b"a")], dangerous)]
    assert fates == [Fate.FAILED, Fate.STORED]
