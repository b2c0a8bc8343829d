"""Devices in the admin: named and muted as over REST, by operators, and on record; found by what people call them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mqtt_app.alerting import problems
from sites.models import AuditEntry, Datalogger, Gateway, Role, Sensor
from tests import rows

pytestmark = pytest.mark.django_db
NEXT_YEAR = f"{timezone.now().year + 1}-05-01T08:00"


@pytest.fixture
def field():
    found = rows.furnished()
    found.ada = staff(found, Role.OPERATOR)
    return found


def staff(field, role: Role) -> Client:
    person = rows.person(f"{role}", role, field.site, is_staff=True)
    seen = ("view_gateway", "view_datalogger", "view_sensor")
    person.user_permissions.set(Permission.objects.filter(codename__in=seen))
    return rows.browser(person)


def act(client: Client, action: str, *devices, **asked: str):
    """The action on these devices; asked: what is sent with the form of its page."""
    path = reverse(f"admin:sites_{devices[0]._meta.model_name}_changelist")
    sent = {"action": action, "_selected_action": [device.pk for device in devices]}
    return client.post(path, sent | ({"asked": "yes"} | asked if asked else {}))


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_devices_of_every_kind_are_renamed_after_a_page_that_asks_for_the_names(field) -> None:
    for device, column, label in (
        (field.gateway, "name", "gateway_1"),
        (field.datalogger, "name", "MNA000123"),
        (field.sensor, "label", "MNA000123 accelerometer"),
    ):
        page = act(field.ada, "rename", device)
        assert page.status_code == 200
        assert re.search(rf"<label[^>]*>{label}:</label>", page.text)
        assert "1 are renamed." in said(act(field.ada, "rename", device, **{str(device.pk): " Pier 2 "}))
        device.refresh_from_db()
        assert getattr(device, column) == "Pier 2"
        entry = AuditEntry.objects.latest("id")
        assert (entry.actor, entry.kind, entry.object_id) == ("operator", device._meta.model_name, str(device.pk))
        assert entry.changes == {column: ["", "Pier 2"]}
        too_long = act(field.ada, "rename", device, **{str(device.pk): "x" * 129})
        assert "at most 128 characters" in too_long.text
        path = reverse(f"admin:sites_{device._meta.model_name}_changelist")
        assert field.ada.get(path, {"q": "pier"}).context["cl"].result_count == 1
        assert field.ada.get(path, {"q": "quay"}).context["cl"].result_count == 0


def test_only_names_that_were_changed_are_written(field) -> None:
    other = Gateway.objects.create(site=field.site, serial="g2", name="South")
    before = AuditEntry.objects.count()
    act(field.ada, "rename", field.gateway, other, **{str(field.gateway.pk): "North", str(other.pk): "South"})
    assert list(Gateway.objects.order_by("pk").values_list("name", flat=True)) == ["North", "South"]
    assert AuditEntry.objects.count() == before + 1


def test_a_muted_device_rings_nobody_until_then_and_a_sensor_is_muted_by_its_datalogger(field) -> None:
    Gateway.objects.update(status="offline", last_seen_at=timezone.now())
    Datalogger.objects.update(status="offline", last_seen_at=timezone.now(), gateway=None)
    for chosen, rung in ((field.gateway, field.gateway), (field.sensor, field.datalogger)):
        subject = f"{rung._meta.model_name}:{rung.pk}"
        assert subject in {found.subject for found in problems.find(timezone.now())}
        assert 'type="datetime-local"' in act(field.ada, "mute", chosen).text
        assert "1 are muted until" in said(act(field.ada, "mute", chosen, until=NEXT_YEAR))
        rung.refresh_from_db()
        assert f"{rung.muted_until:%Y-%m-%dT%H:%M}" == NEXT_YEAR
        assert subject not in {found.subject for found in problems.find(timezone.now())}
        assert subject in {found.subject for found in problems.find(rung.muted_until)}
        entry = AuditEntry.objects.latest("id")
        assert (entry.actor, entry.object_id, list(entry.changes)) == ("operator", str(rung.pk), ["muted_until"])
        assert "1 ring again." in said(act(field.ada, "mute", chosen, until=""))
        rung.refresh_from_db()
        assert rung.muted_until is None


@pytest.mark.parametrize("until", ["2020-01-01T00:00", "soon", "9999-12-31T23:59"])
def test_a_time_that_cannot_be_is_asked_for_again(field, until: str) -> None:
    page = act(field.ada, "mute", field.gateway, until=until)
    assert 'class="errorlist"' in page.text
    field.gateway.refresh_from_db()
    assert field.gateway.muted_until is None


def test_it_takes_an_operator_and_never_reaches_another_site(field) -> None:
    foreign = rows.furnished("elsewhere")
    viewer = staff(field, Role.VIEWER)
    for device in (field.gateway, field.datalogger, field.sensor):
        assert act(viewer, "mute", device, until=NEXT_YEAR).status_code == 403
        assert act(viewer, "rename", device, **{str(device.pk): "x"}).status_code == 403
    both = act(field.ada, "rename", field.gateway, foreign.gateway, **{str(foreign.gateway.pk): "x"})
    assert "0 are renamed" in said(both)
    act(field.ada, "mute", field.gateway, foreign.gateway, until=NEXT_YEAR)
    assert list(Gateway.objects.order_by("pk").values_list("muted_until__year", "name")) == [
        (timezone.now().year + 1, ""),
        (None, ""),
    ]


def test_at_most_two_hundred_are_changed_at_once(field) -> None:
    many = Sensor.objects.bulk_create(Sensor(datalogger=field.datalogger, key=f"k{n}") for n in range(201))
    assert "Choose at most 200 at once." in said(act(field.ada, "rename", *many, **{str(many[0].pk): "x"}))
    assert not Sensor.objects.exclude(label="").exists()


def test_a_gateway_is_named_and_muted_over_rest_by_operators_only(field) -> None:
    path = f"/api/v1/gateways/{field.gateway.pk}/"
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    answer = field.ada.patch(path, {"name": " North ", "muted_until": until}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["name"] == "North"
    assert field.ada.get("/api/v1/gateways/", {"search": "north"}).json()["count"] == 1
    cleared = field.ada.patch(path, {"muted_until": None}, content_type="application/json").json()
    assert (cleared["name"], cleared["muted_until"]) == ("North", None)
    refused = staff(field, Role.VIEWER).patch(path, {"name": "x"}, content_type="application/json")
    assert refused.status_code == 403
    foreign = rows.furnished("elsewhere").gateway
    gone = field.ada.patch(f"/api/v1/gateways/{foreign.pk}/", {"name": "x"}, content_type="application/json")
    assert gone.status_code == 404
