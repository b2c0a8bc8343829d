"""How a datalogger became who it is: changes of its firmware, its kind and its gateway are noted as they are stored."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mqtt_app.upkeep import housekeeping
from sites import devices
from sites.heard import Heard
from sites.models import Datalogger, Gateway, IdentityChange, Role, Site
from sites.reports import DataloggerReport, GatewayReport, Report
from tests import rows

pytestmark = pytest.mark.django_db(transaction=True)


def hear(site: Site, gateway: str | None = None, **said: str) -> None:
    """One message of the datalogger M1, a minute after the one before as far as its history is concerned."""
    IdentityChange.objects.update(at=timezone.now() - timedelta(minutes=2))
    say(site, gateway, **said)


def say(site: Site, gateway: str | None = None, kind: str = "", **said: str) -> None:
    report = Report((GatewayReport(gateway),) if gateway else (), (DataloggerReport("M1", kind, gateway, **said),))
    now = timezone.now()
    devices.store([Heard(site.pk, report, now, False, now)])


def history(site: Site) -> list[tuple[str, str, str]]:
    """Oldest first, as a viewer reads it."""
    viewer = rows.User.objects.filter(username="ada").first() or rows.person("ada", Role.VIEWER, site)
    path = f"/api/v1/dataloggers/{Datalogger.objects.get().pk}/identity/"
    found = rows.browser(viewer).get(path).json()
    return [(one["what"], one["before"], one["after"]) for one in reversed(found)]


def test_what_is_learned_first_is_no_change_and_every_other_is_one() -> None:
    site = rows.site()
    hear(site)
    hear(site, "gw1", kind="adaq", firmware="1.2")
    assert history(site) == []
    hear(site, "gw1", kind="adaq", firmware="1.3")
    hear(site, "gw2", kind="adaq", firmware="1.3")
    hear(site, "gw2", kind="adaq", firmware="1.3")
    hear(site)
    hear(site, "gw2", kind="logger", firmware="1.3")
    assert history(site) == [("firmware", "1.2", "1.3"), ("gateway", "gw1", "gw2"), ("kind", "adaq", "logger")]


@pytest.mark.parametrize(
    ("heard", "noted"),
    [
        ("01", ["0>1"]),
        ("010", ["0>1", "1>0"]),
        ("0101", ["0>1"]),
        ("0102", ["0>1", "1>2"]),
        ("01" * 10, ["0>1"]),
        ("01" * 10 + "0", ["0>1", "1>0"]),
    ],
)
def test_of_a_device_that_goes_to_and_fro_a_minute_notes_two_changes_and_the_last_is_what_it_is_now(
    heard: str, noted: list[str]
) -> None:
    site = rows.site()
    for turn in heard:
        say(site, turn)
    assert [f"{before}>{after}" for _, before, after in history(site)] == noted


def test_a_gateway_that_was_deleted_in_between_leaves_no_gap() -> None:
    site = rows.site()
    for gateway in ("gw0", "gw1"):
        hear(site, gateway)
    Gateway.objects.all().delete()
    hear(site, "gw1")
    assert history(site) == [("gateway", "gw0", "gw1")]
    Gateway.objects.all().delete()
    hear(site, "gw2")
    assert history(site) == [("gateway", "gw0", "gw1"), ("gateway", "gw1", "gw2")]


def test_a_message_that_changes_nothing_of_it_calls_no_trigger() -> None:
    hear(rows.site(), "gw0", kind="adaq", firmware="1")

    def triggered(**change: str) -> list[str]:
        columns = ", ".join(f"{name} = %s" for name in change)
        with connection.cursor() as cursor:
            sql = f"EXPLAIN (ANALYZE, FORMAT JSON) UPDATE sites_datalogger SET {columns}"  # noqa: S608
            cursor.execute(sql, [*change.values()])
            [[[plan]]] = cursor.fetchall()
        return [one["Trigger Name"] for one in plan["Triggers"] if one["Trigger Name"] == "identity"]

    assert triggered(status="offline", kind="adaq", firmware="1") == []
    assert triggered(status="offline", kind="adaq", firmware="2") == ["identity"]


def test_the_history_goes_with_its_device_and_with_time(settings) -> None:
    site = rows.site()
    hear(site, firmware="1")
    hear(site, firmware="2")
    IdentityChange.objects.update(at=timezone.now() - timedelta(days=settings.READINGS_KEEP_DAYS + 1))
    hear_at = IdentityChange.objects.get().at
    housekeeping.clean()
    assert not IdentityChange.objects.filter(at=hear_at).exists()
    hear(site, firmware="3")
    Datalogger.objects.all().delete()
    assert not IdentityChange.objects.exists()
