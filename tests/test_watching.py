"""Readings of a sensor that somebody looks at, told by the socket as they are stored."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from mqtt_app.browsers import live, watching
from sites import history
from sites.models import Datalogger, Membership, Sensor, Site
from tests.web import NOW, browser, hear, hear_until, heard, member, serving, signed_in, status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> Site:
    return Site.objects.create(name="Colle", slug="colle")


@pytest.fixture
def sensor(site: Site) -> Sensor:
    return sensor_at(site)


@pytest.fixture
def host() -> Iterator[str]:
    with serving() as address:
        yield address


def sensor_at(site: Site, key: str = "t") -> Sensor:
    history.make_partitions(NOW, timedelta(days=1))
    datalogger, _ = Datalogger.objects.get_or_create(site=site, serial="MNA1")
    return Sensor.objects.create(datalogger=datalogger, key=key, components=["x", "y"])


def store(sensor: Sensor, *values: float, start: datetime = NOW) -> None:
    """One reading a second, (value, -value) each."""
    times = [start + timedelta(seconds=number) for number in range(len(values))]
    history.append(
        [
            history.Reading(sensor.pk, time, time, (value, -value), "good")
            for time, value in zip(times, values, strict=True)
        ]
    )


def watch(connection: ClientConnection, sensor: Sensor, since: datetime = NOW) -> None:
    connection.send(json.dumps({"op": "watch", "sensor": sensor.pk, "since": since.timestamp()}))


def telemetry(frame: dict[str, Any]) -> bool:
    return bool(frame["type"] == "telemetry")


def tell(site: Site, sensor: Sensor) -> None:
    live.announce([heard(site, 0.0, sensor=sensor.pk)])


def test_who_watches_a_sensor_is_told_every_reading_of_a_batch_once(host: str, site: Site, sensor: Sensor) -> None:
    store(sensor, 1.0, 2.0)
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        watch(ada, sensor, NOW + timedelta(seconds=1))
        first = hear_until(ada, telemetry)[-1]
        store(sensor, 3.0, 4.0, 5.0, start=NOW + timedelta(seconds=2))
        tell(site, sensor)
        second = hear_until(ada, telemetry)[-1]
    assert first["site_id"] == site.pk
    assert first["data"] == {
        "sensor": sensor.pk,
        "time": [NOW.timestamp() + 1],
        "values": [[2.0], [-2.0]],
        "is_cut": False,
    }
    assert second["data"]["values"] == [[3.0, 4.0, 5.0], [-3.0, -4.0, -5.0]]
    assert second["data"]["time"] == [NOW.timestamp() + number for number in (2, 3, 4)]


def test_nobody_is_told_readings_of_a_site_that_they_may_not_see(host: str, site: Site, sensor: Sensor) -> None:
    foreign = sensor_at(Site.objects.create(name="Ponte", slug="ponte"))
    store(foreign, 1.0)
    store(sensor, 2.0)
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        watch(ada, foreign)
        watch(ada, sensor)
        tell(site, foreign)
        frames = hear_until(ada, telemetry)
        live.announce([status(site)])
        frames += hear_until(ada, lambda frame: frame["type"] == "mqtt_status")
    assert {frame["data"]["sensor"] for frame in frames if telemetry(frame)} == {sensor.pk}


def test_a_membership_that_ends_ends_the_readings(site: Site, sensor: Sensor) -> None:
    elsewhere = Site.objects.create(name="Ponte", slug="ponte")
    with serving(recheck_s=0.2) as host:
        ada = member(site)
        member(elsewhere)
        with browser(host, signed_in(ada)) as screen:
            hear(screen)
            watch(screen, sensor)
            Membership.objects.filter(user=ada, site=site).delete()
            hear_until(screen, lambda frame: frame["type"] == "connection_established")
            store(sensor, 1.0)
            watch(screen, sensor)
            screen.send('{"op": "ping"}')
            hear_until(screen, lambda frame: frame["type"] == "pong")
            screen.send('{"op": "ping"}')  # by then the readings would have been told
            assert "telemetry" not in [
                frame["type"] for frame in hear_until(screen, lambda frame: frame["type"] == "pong")
            ]


def test_who_watches_no_longer_is_told_no_more(host: str, site: Site, sensor: Sensor) -> None:
    other = sensor_at(site, "u")
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        watch(ada, sensor)
        watch(ada, other)
        ada.send(json.dumps({"op": "unwatch", "sensor": sensor.pk}))
        store(sensor, 1.0)
        store(other, 2.0)
        live.announce([heard(site, 0.0, sensor=sensor.pk), heard(site, 0.0, sensor=other.pk)])
        frames = hear_until(ada, telemetry)
        live.announce([status(site)])
        frames += hear_until(ada, lambda frame: frame["type"] == "mqtt_status")
    assert [frame["data"]["sensor"] for frame in frames if telemetry(frame)] == [other.pk]


def test_a_frame_holds_the_newest_readings_and_says_that_there_were_more(host: str, site: Site, sensor: Sensor) -> None:
    many = watching.POINTS + 50
    store(sensor, *map(float, range(many)))
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        watch(ada, sensor)
        data = hear_until(ada, telemetry)[-1]["data"]
    assert data["is_cut"]
    assert data["values"][0] == [float(number) for number in range(50, many)]


def test_a_socket_watches_so_many_sensors_and_is_told_when_it_asks_for_more(host: str, site: Site) -> None:
    sensors = [sensor_at(site, f"ch{number}") for number in range(watching.WATCHED + 1)]
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        for sensor in sensors:
            watch(ada, sensor)
        assert "at most" in hear_until(ada, lambda frame: frame["type"] == "error")[-1]["data"]["message"]
        ada.send(json.dumps({"op": "unwatch", "sensor": sensors[0].pk}))
        store(sensors[-1], 1.0)
        watch(ada, sensors[-1])
        assert hear_until(ada, telemetry)[-1]["data"]["sensor"] == sensors[-1].pk


@pytest.mark.parametrize(
    "wish",
    [
        {"op": "watch", "sensor": 1},
        {"op": "watch", "sensor": 2**70, "since": 0},
        {"op": "watch", "sensor": 1, "since": 1e300},
        {"op": "watch", "sensor": 1, "since": float("nan")},
        {"op": "unwatch"},
    ],
)
def test_a_watch_without_sense_is_refused_and_the_conversation_goes_on(
    host: str, site: Site, wish: dict[str, Any]
) -> None:
    with browser(host, signed_in(member(site))) as ada:
        hear(ada)
        ada.send(json.dumps(wish))
        assert hear(ada)["type"] == "error"
        ada.send('{"op": "ping"}')
        assert hear(ada)["type"] == "pong"
