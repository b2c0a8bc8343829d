"""Browsers are told when nothing new can reach them: database or Redis do not answer, or no listener lives."""

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings, settings
from django.db import ConnectionHandler
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from mqtt_app.browsers.watchman import no_listener_since
from mqtt_app.models import Listener
from sites.models import Site
from tests.web import browser, hear, hear_until, member, serving, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> Site:
    return Site.objects.create(name="Colle", slug="colle")


class Freezing:
    """The database, at another address while it is frozen: one that takes connections and never answers."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        address = settings.DATABASES["default"] | {"HOST": "127.0.0.1", "PORT": listening.getsockname()[1]}
        address["OPTIONS"] = address["OPTIONS"] | {"connect_timeout": 600}  # one that freezes later has no such limit
        self._frozen = ConnectionHandler({"default": address})
        self.is_frozen = threading.Event()

    def ask(self) -> datetime | None:
        if self.is_frozen.is_set():
            self._frozen["default"].ensure_connection()
        return no_listener_since()

    def thaw(self) -> None:
        self.is_frozen.clear()
        self._listening.close()  # whoever waits learns that


@pytest.fixture
def freezing() -> Iterator[Freezing]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Freezing(listening)


def test_a_database_that_lets_everybody_wait_is_told_and_so_is_its_return(site: Site, freezing: Freezing) -> None:
    Listener.objects.create(name="one", heartbeat=timezone.now() + timedelta(seconds=9))
    with serving(freezing.ask) as host, browser(host, signed_in(member(site))) as ada:
        assert hear(ada)["type"] == "connection_established"
        freezing.is_frozen.set()
        told = hear(ada, 20)
        assert (told["type"], told["site_id"], told["data"]["cause"]) == ("interruption", None, "database")
        freezing.thaw()
        Listener.objects.update(heartbeat=timezone.now() + timedelta(seconds=9))
        assert hear(ada, 20)["data"]["cause"] == ""


def test_without_a_listener_it_is_told_since_when(site: Site) -> None:
    heard = timezone.now() - timedelta(minutes=3)
    Listener.objects.create(name="one", heartbeat=heard)
    with serving(no_listener_since) as host, browser(host, signed_in(member(site))) as ada:
        told = hear_until(ada, lambda frame: frame["type"] == "interruption")[-1]["data"]
        assert (told["cause"], parse_datetime(told["since"])) == ("listener", heard)
        with browser(host, signed_in(member(site, "grace"))) as grace:
            frames = hear_until(grace, lambda frame: frame["type"] == "interruption")
            assert [frame["type"] for frame in frames] == ["connection_established", "interruption"]
        Listener.objects.update(heartbeat=timezone.now())
        assert hear(ada, 10)["data"]["cause"] == ""


def test_without_redis_it_is_told_that_nothing_comes_by_itself(settings: LazySettings, site: Site) -> None:
    layer = settings.CHANNEL_LAYERS["default"] | {"CONFIG": {"hosts": ["redis://127.0.0.1:1/0"], "prefix": "live"}}
    settings.CHANNEL_LAYERS = {"default": layer}
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        told = hear_until(ada, lambda frame: frame["type"] == "interruption")[-1]["data"]
        assert told["cause"] == "redis"
