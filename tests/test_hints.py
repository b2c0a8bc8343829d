"""Hints: a listener hears what is committed, and a quiet line is not taken for a dead one."""

import time
from uuid import uuid4

from mqtt_app.records import hints

LISTENER = 987_654


def test_a_quiet_line_is_not_taken_for_a_dead_one_and_still_brings_the_next_hint() -> None:
    told = hints.take(LISTENER)
    began = time.monotonic()
    while time.monotonic() - began < hints.DEAF_S + 2:
        assert next(told) is None
    batch_id = str(uuid4())
    hints.give(LISTENER, batch_id)
    assert batch_id in (next(told), next(told))
