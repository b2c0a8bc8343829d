"""The socket /ws/mqtt/status/ over a real server: whom it lets in, and what it tells them."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mqtt_app.browsers import live
from mqtt_app.browsers.events import ReconcileTick
from mqtt_app.consumers import SOCKETS_PER_USER
from sites import tokens
from sites.models import ApiToken, Membership, Role, Site
from tests.web import NOW, browser, hear, hear_until, heard, member, serving, signed_in, status, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> Site:
    return Site.objects.create(name="Colle", slug="colle")


@pytest.fixture
def foreign() -> Site:
    return Site.objects.create(name="Ponte", slug="ponte")


@pytest.fixture
def host() -> Iterator[str]:
    with serving() as address:
        yield address


def test_a_stranger_is_refused_before_the_socket_opens(host: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), browser(host, {}):
        pass


def test_an_address_without_a_socket_is_refused_and_is_no_error(host: str, site: Site) -> None:
    """An error would be a traceback in the log, and an event in Sentry, for everybody who knocks."""
    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(f"ws://{host}/ws/", additional_headers=signed_in(member(site)), origin="http://localhost"),  # type: ignore[arg-type]
    ):
        pass


def test_a_session_that_was_made_up_is_refused(host: str) -> None:
    with (
        pytest.raises(InvalidStatus, match="403"),
        browser(host, {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"}),
    ):
        pass


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "null", None])
def test_a_page_of_another_origin_is_refused_though_the_user_is_signed_in(
    host: str, site: Site, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus, match="403"), browser(host, signed_in(member(site)), origin=origin):
        pass


def test_the_first_frame_says_what_this_socket_will_tell(host: str, site: Site, foreign: Site) -> None:
    with browser(host, signed_in(member(site, role=Role.OPERATOR))) as ada:
        frame = hear(ada)
    assert (frame["v"], frame["seq"], frame["type"], frame["site_id"]) == (1, 1, "connection_established", None)
    assert frame["data"]["sites"] == [{"id": site.pk, "name": "Colle", "slug": "colle", "role": "operator"}]
    assert frame["data"]["role"] == "operator"
    assert frame["data"]["reconcile_period_s"] == 30
    assert {"protocol", "server_time", "seq", "build", "next_reconcile_at"} <= frame["data"].keys()


def test_an_event_arrives_in_the_envelope_with_its_fields_under_data(host: str, site: Site) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        live.announce([status(site, "error")])
        frame = hear(ada)
    assert (frame["v"], frame["seq"], frame["type"], frame["site_id"]) == (1, 2, "mqtt_status", site.pk)
    assert frame["alias"] == "status_update"
    assert frame["data"]["status"] == "error"
    assert not {"type", "site_id"} & frame["data"].keys()


def test_a_foreign_sites_event_is_never_delivered(host: str, site: Site, foreign: Site) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        live.announce([heard(foreign, 1.0), status(foreign), heard(site, 2.0)])
        live.announce([status(site)])
        frames = hear_until(ada, lambda frame: frame["type"] == "mqtt_status")
    assert {frame["site_id"] for frame in frames} == {site.pk}


def test_a_hidden_site_is_told_to_its_administrators_only(host: str, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(is_active=False)
    with (
        browser(host, signed_in(member(site, "viewer"))) as viewer,
        browser(host, signed_in(member(site, "admin", Role.ADMIN))) as admin,
    ):
        assert hear(viewer)["data"]["sites"] == []
        assert [seen["id"] for seen in hear(admin)["data"]["sites"]] == [site.pk]


def test_a_reconcile_names_only_sites_that_the_reader_may_see(host: str, site: Site, foreign: Site) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        live.announce([ReconcileTick(finished_at=NOW, next_at=NOW, applied=[site.pk, foreign.pk])])
        frame = hear(ada)
    assert (frame["type"], frame["site_id"], frame["data"]["applied"]) == ("reconcile_tick", None, [site.pk])


def test_five_hundred_announcements_become_few_frames_and_the_last_value_is_right(host: str, site: Site) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        for number in range(1, 501):
            live.announce([heard(site, float(number), sensor=1), heard(site, float(-number), sensor=2)])
            assert live.flush(5)
        frames = hear_until(ada, lambda frame: frame["data"]["dataloggers"][0]["sensors"][-1]["values"] == [-500.0])
    values = {
        sensor["id"]: sensor["values"] for frame in frames for sensor in frame["data"]["dataloggers"][0]["sensors"]
    }
    assert values == {1: [500.0], 2: [-500.0]}
    assert len(frames) < 50
    assert [frame["seq"] for frame in frames] == list(range(2, len(frames) + 2))


def test_a_program_comes_in_with_a_token_and_without_an_origin(host: str, site: Site) -> None:
    _, secret = tokens.issue(
        member(site, role=Role.ADMIN), "script", ApiToken.Scope.READ, timezone.now() + timedelta(hours=1)
    )
    with browser(host, {"Authorization": f"Bearer {secret}"}, origin=None) as program:
        assert hear(program)["data"]["sites"][0]["role"] == "viewer"


def test_a_token_that_has_expired_is_refused_though_a_session_comes_with_it(host: str, site: Site) -> None:
    user = member(site)
    token, secret = tokens.issue(user, "script", ApiToken.Scope.READ, timezone.now() - timedelta(seconds=1))
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    with (
        pytest.raises(InvalidStatus, match="403"),
        browser(host, {**signed_in(user), "Authorization": f"Bearer {secret}"}),
    ):
        pass


def test_signing_out_closes_the_socket(site: Site) -> None:
    with serving(recheck_s=0.1) as host, browser(host, signed_in(member(site))) as ada:
        hear(ada)
        Session.objects.all().delete()
        with pytest.raises(ConnectionClosed) as closed:
            hear(ada)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_membership_that_ends_ends_the_news(site: Site, foreign: Site) -> None:
    user = member(site)
    member(foreign, user.username)
    with serving(recheck_s=0.1) as host, browser(host, signed_in(user)) as ada:
        assert len(hear(ada)["data"]["sites"]) == 2
        Membership.objects.filter(site=foreign).delete()
        again = hear(ada)
        live.announce([status(foreign)])
        live.announce([status(site)])
        assert hear(ada)["site_id"] == site.pk
    assert again["type"] == "connection_established"
    assert [seen["id"] for seen in again["data"]["sites"]] == [site.pk]


def test_a_user_has_at_most_twenty_sockets_and_gets_a_place_back(host: str, site: Site) -> None:
    headers = signed_in(member(site))
    with ExitStack() as others:
        for _ in range(SOCKETS_PER_USER - 1):
            others.enter_context(browser(host, headers))
        with browser(host, headers), pytest.raises(InvalidStatus, match="403"), browser(host, headers):
            pass
        with browser(host, signed_in(member(site, "grace"))) as grace:
            assert hear(grace)["seq"] == 1
        wait_until(lambda: is_let_in(host, headers))


def is_let_in(host: str, headers: dict[str, str]) -> bool:
    try:
        with browser(host, headers):
            return True
    except InvalidStatus:
        return False


def test_a_ping_is_answered(host: str, site: Site) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        ada.send('{"op": "ping"}')
        assert hear(ada)["type"] == "pong"


@pytest.mark.parametrize("text", ["{", "[]", '"ping"', '{"op": "format"}', "[" * 50_000])
def test_nonsense_is_answered_with_an_error_and_the_conversation_goes_on(host: str, site: Site, text: str) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        ada.send(text)
        assert hear(ada)["type"] == "error"
        ada.send(json.dumps({"op": "ping"}))
        assert hear(ada)["type"] == "pong"


@pytest.mark.parametrize(
    ("frames", "code"),
    [([b"\x00\x01"], 1003), (["x" * 70_000], 1009), (['{"op": "ping"}'] * 60, 1008)],
    ids=["binary", "too large", "too many"],
)
def test_what_breaks_the_rules_closes_the_socket_and_no_other(
    host: str, site: Site, frames: list[Any], code: int
) -> None:
    with browser(host, signed_in(member(site))) as ada, browser(host, signed_in(member(site, "grace"))) as grace:
        hear(ada)
        hear(grace)
        with pytest.raises(ConnectionClosed) as closed:
            say_and_listen(ada, frames)
        live.announce([status(site)])
        assert hear(grace)["type"] == "mqtt_status"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_a_frame_in_pieces_without_end_is_cut_off_and_no_other(host: str, site: Site) -> None:
    with browser(host, signed_in(member(site))) as ada, browser(host, signed_in(member(site, "grace"))) as grace:
        hear(ada)
        hear(grace)
        with pytest.raises(ConnectionClosed):
            ada.send(itertools.repeat("x" * 100))
        live.announce([status(site)])
        assert hear(grace)["type"] == "mqtt_status"


def test_a_flood_of_pings_keeps_nobody_waiting(host: str, site: Site) -> None:
    with browser(host, signed_in(member(site))) as ada, browser(host, signed_in(member(site, "grace"))) as grace:
        hear(ada)
        hear(grace)
        for _ in range(5_000):
            ada.ping()
        live.announce([status(site)])
        assert hear(grace)["type"] == "mqtt_status"


def say_and_listen(connection: ClientConnection, frames: list[Any]) -> None:
    """Raises ConnectionClosed when the server has had enough."""
    for frame in frames:
        connection.send(frame)
    while True:
        hear(connection)


def test_a_user_who_is_locked_out_is_refused(host: str, site: Site) -> None:
    headers = signed_in(member(site))
    User.objects.update(is_active=False)
    with pytest.raises(InvalidStatus, match="403"), browser(host, headers):
        pass
