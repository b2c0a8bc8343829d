"""A device whose every message hangs its parser costs a worker's attempt no more than the attempt may last."""

import time

import pytest
from django.conf import settings

from mqtt_app.judging.isolation import judge_apart
from mqtt_app.judging.verdicts import Verdict
from mqtt_app.messages import Fate, Message
from tests.field import message


def judge(one: Message) -> Verdict:
    if one.payload == b"hang":
        time.sleep(600)
    return Verdict(Fate.STORED)


@pytest.mark.long
def test_a_batch_full_of_hanging_messages_is_judged_within_the_time_limit_of_its_task() -> None:
    payloads = [b"hang", b"good"] * 30
    began = time.monotonic()
    fates = [one.fate for one in judge_apart([message(payload=payload) for payload in payloads], judge)]
    assert fates == [Fate.FAILED, Fate.STORED] * 30
    assert time.monotonic() - began < settings.CELERY_TASK_SOFT_TIME_LIMIT / 2
