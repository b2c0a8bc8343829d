"""Between the web process and Redis a connection dies without a word: browsers are told to read again, and hear on."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.conf import settings as configured

from mqtt_app.browsers import feed, live
from project.local.ports import free_port
from sites.models import Site
from tests.faults.proxy import Proxy
from tests.web import browser, hear, hear_until, member, serving, signed_in, status

pytestmark = pytest.mark.django_db(transaction=True)

WORKING = configured.CHANNEL_LAYERS
NOTICED_S = 40.0
"""Twice what it takes: twelve seconds of silence, two for the connections that are let go, and the next pulse."""


@pytest.fixture
def way(settings: LazySettings) -> Iterator[Proxy]:
    """To Redis, for whoever asks for the channel layer meanwhile."""
    url = os.environ["REDIS_URL"]
    port = urlsplit(url).port
    assert port
    with Proxy(("127.0.0.1", free_port()), ("127.0.0.1", port)).running() as one:
        (host,) = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
        through = {"hosts": [host | {"address": url.replace(f":{port}", f":{one.listen[1]}")}], "prefix": "live"}  # type: ignore[index]
        settings.CHANNEL_LAYERS = {"default": settings.CHANNEL_LAYERS["default"] | {"CONFIG": through}}
        yield one
        one.change()


@pytest.mark.parametrize("is_for_good", [True, pytest.param(False, marks=pytest.mark.long)])
def test_browsers_of_a_web_process_that_redis_no_longer_reaches_are_told_to_read_again(
    settings: LazySettings, way: Proxy, is_for_good: bool
) -> None:
    site = Site.objects.create(name="Colle", slug="colle")
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        hear(ada)
        settings.CHANNEL_LAYERS = WORKING  # whoever announces has another way
        live.announce([status(site, "connecting")])
        assert hear(ada)["type"] == "mqtt_status"
        if is_for_good:
            way.strand()
        else:
            way.change(is_black=True)
        live.announce([status(site, "connected")])
        if not is_for_good:
            assert hear(ada, feed.DEAF_S + feed.PULSE_EVERY_S)["data"]["cause"] == "redis"
            way.change()
        told = hear_until(ada, lambda frame: frame["type"] == "lagging", NOTICED_S)
        told += hear_until(ada, lambda frame: frame["type"] == "interruption" and not frame["data"]["cause"], 10)
        live.announce([status(site, "disconnected")])
        told += hear_until(ada, lambda frame: frame["type"] == "mqtt_status", 10)
    assert [frame["data"]["status"] for frame in told if frame["type"] == "mqtt_status"] == ["disconnected"]
