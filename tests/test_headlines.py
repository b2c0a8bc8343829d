"""The few values that stand for many: one for a site, three for a datalogger; and how dataloggers are found."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sites import headlines
from sites.models import Datalogger, Gateway, Role, Sensor, Site
from tests import rows

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def datalogger(site: Site, serial: str = "A", **fields: object) -> Datalogger:
    return Datalogger.objects.create(site=site, serial=serial, **fields)


def sensor(
    of: Datalogger, key: str, values: list[float] | None, unit: str = "kW", age_s: int = 0, kind: str = ""
) -> Sensor:
    at = NOW - timedelta(seconds=age_s)
    return Sensor.objects.create(
        datalogger=of, key=key, unit=unit, kind=kind, latest_values=values, latest_time=at, latest_received_at=at
    )


def headline(site: Site) -> headlines.Headline | None:
    return headlines.of_sites(Site.objects.all(), NOW).get(site.pk)


def test_a_plant_is_told_by_the_power_of_all_its_inverters() -> None:
    plant = rows.site(site_type="plant")
    sensor(datalogger(plant, "A"), "ac_power", [16.5])
    sensor(datalogger(plant, "B"), "ac_power", [3.5])
    sensor(datalogger(plant, "C"), "dc_voltage", [600], "V")
    assert headline(plant) == ("ac_power", 20.0, "kW", NOW)


def test_a_structure_is_told_by_its_greatest_tilt_whichever_way() -> None:
    dam = rows.site(site_type="dam")
    sensor(datalogger(dam, "A"), "inclinometer", [0.1, -2.5], "°", kind="inclinometer")
    sensor(datalogger(dam, "B"), "inclinometer", [1.5], "°", kind="inclinometer")
    found = headline(dam)
    assert found is not None
    assert found[:3] == ("tilt", 2.5, "°")


def test_the_unit_is_the_one_that_people_chose() -> None:
    dam = rows.site(site_type="dam")
    one = sensor(datalogger(dam), "inclinometer", [1.5], "deg", kind="inclinometer")
    Sensor.objects.filter(pk=one.pk).update(own_unit="mm/m")
    found = headline(dam)
    assert found is not None
    assert found[:3] == ("tilt", 1.5, "mm/m")


def test_what_was_not_measured_lately_tells_nothing() -> None:
    plant = rows.site(site_type="plant")
    sensor(datalogger(plant), "ac_power", [16.5], age_s=601)
    assert headline(plant) is None


def test_units_are_not_mixed() -> None:
    plant = rows.site(site_type="plant")
    sensor(datalogger(plant, "A"), "ac_power", [1.0], "W")
    sensor(datalogger(plant, "B"), "ac_power", [2.0], "kW")
    found = headline(plant)
    assert found is not None
    assert found.value in (1.0, 2.0)


def test_the_overview_tells_it() -> None:
    plant = rows.site(site_type="plant")
    sensor(datalogger(plant), "ac_power", [16.5])
    [site] = rows.browser(rows.person("root", is_superuser=True)).get("/api/v1/overview/").json()["sites"]
    assert (site["headline"]["name"], site["headline"]["value"]) == ("ac_power", 16.5)


@pytest.fixture
def client():
    return rows.browser(rows.person("root", is_superuser=True))


def test_a_datalogger_shows_three_of_its_values_those_first_that_say_what_they_are(client) -> None:
    one = datalogger(rows.site())
    for key, kind in (("battery", ""), ("b", "channel"), ("a", "channel"), ("cabinet", "")):
        sensor(one, key, [1.0], kind=kind)
    sensor(one, "0", None, kind="channel")
    [item] = client.get("/api/v1/dataloggers/").json()["items"]
    assert [latest["key"] for latest in item["latest"]] == ["a", "b", "battery"]
    assert client.get(f"/api/v1/dataloggers/{one.pk}/").json() == item


def test_many_dataloggers_cost_as_many_queries_as_one(client, django_assert_max_num_queries) -> None:
    site = rows.site()
    for number in range(30):
        sensor(datalogger(site, str(number)), "a", [1.0])
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/dataloggers/").json()["items"]) == 30


@pytest.mark.parametrize(
    ("sort", "serials"),
    [("kind", "BA"), ("-site_name", "BA"), ("site_name", "AB"), ("-first_seen_at", "AB"), ("status", "BA")],
)
def test_dataloggers_are_sorted_by_what_one_sees_of_them(client, sort: str, serials: str) -> None:
    datalogger(rows.site("a"), "A", kind="z", status="online", first_seen_at=NOW)
    datalogger(rows.site("b"), "B", kind="a", status="offline", first_seen_at=NOW - timedelta(days=1))
    items = client.get(f"/api/v1/dataloggers/?sort={sort}").json()["items"]
    assert [item["serial"] for item in items] == list(serials)


def test_dataloggers_are_counted_by_status_kind_and_firmware_under_the_same_filters(client) -> None:
    site = rows.site()
    datalogger(site, "A", kind="env", firmware="1", status="online")
    datalogger(site, "B", kind="env", firmware="2", status="offline", offline_reason="silent")
    datalogger(rows.site("b"), "C", kind="adaq")
    path = "/api/v1/dataloggers/facets/"
    assert client.get(path).json()["kind"] == {"env": 2, "adaq": 1}
    assert client.get(f"{path}?site={site.pk}").json()["status"] == {"online": 1, "offline": 1}
    assert client.get(f"{path}?offline_reason=silent").json()["firmware"] == {"2": 1}


@pytest.mark.parametrize(("query", "found"), [("search=The site", 2), ("search=env", 1), ("firmware=2", 1)])
def test_dataloggers_are_found_by_their_site_and_kind_and_firmware(client, query: str, found: int) -> None:
    site = rows.site()
    datalogger(site, "A", kind="env", firmware="1")
    datalogger(site, "B", firmware="2")
    assert client.get(f"/api/v1/dataloggers/?{query}").json()["count"] == found


def test_what_is_new_is_found(client) -> None:
    site = rows.site()
    datalogger(site, "A", first_seen_at=NOW - timedelta(days=2))
    datalogger(site, "B", first_seen_at=NOW)
    since = (NOW - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    [item] = client.get(f"/api/v1/dataloggers/?new_since={since}").json()["items"]
    assert item["serial"] == "B"


@pytest.mark.parametrize(
    ("own", "sites", "expected", "whose"),
    [(15, 900, 15, "device"), (None, 900, 900, "site"), (None, None, 77, "default")],
)
def test_a_device_says_how_often_it_is_expected_also_when_it_promises_nothing(
    own: float | None,
    sites: float | None,
    expected: float,
    whose: str,
    settings: LazySettings,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.DEFAULT_INTERVAL_S = 77
    site = rows.site(interval_s=sites)
    datalogger(site, interval_s=own)
    Gateway.objects.bulk_create(Gateway(site=site, serial=str(n), interval_s=own) for n in range(9))
    client = rows.browser(rows.person("ada", Role.VIEWER, site))
    for kind in ("dataloggers", "gateways"):
        with django_assert_max_num_queries(8):
            items = client.get(f"/api/v1/{kind}/").json()["items"]
        told = {(one["interval_s"], one["expected_interval_s"], one["interval_from"]) for one in items}
        assert told == {(own, expected, whose)}


def test_dataloggers_are_sorted_by_how_often_they_are_expected_whoever_says_so(client, settings) -> None:
    settings.DEFAULT_INTERVAL_S = 77
    hourly = rows.site("a", interval_s=3_600)
    datalogger(hourly, "site")
    datalogger(rows.site("b"), "default")
    datalogger(hourly, "own", interval_s=900)
    for sort, serials in (
        ("expected_interval_s", ["default", "own", "site"]),
        ("-expected_interval_s", ["site", "own", "default"]),
    ):
        items = client.get(f"/api/v1/dataloggers/?sort={sort}").json()["items"]
        assert [one["serial"] for one in items] == serials
