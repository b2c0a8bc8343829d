"""Browsers and server read MQTT filters alike: both are tried on the same table."""

import json

import pytest

from mqtt_app.topics import matches
from tests.embedded import REPOSITORY

TABLE = json.loads((REPOSITORY / "frontend/src/pages/topics/matching.json").read_text())


@pytest.mark.parametrize(("pattern", "topic", "expected"), TABLE)
def test_the_server_matches_as_the_browser_does(pattern: str, topic: str, expected: bool) -> None:
    assert matches(pattern, topic) is expected
