"""acknowledgements/: somebody knows of what is wrong, and everybody sees that, until things change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mqtt_app.models import MqttConnection
from sites.models import Acknowledgement, AuditEntry, Datalogger, Gateway, Role
from tests import rows

pytestmark = pytest.mark.django_db

PATH = "/api/v1/acknowledgements/"


@pytest.fixture
def field():
    there = rows.furnished()
    there.acknowledgement.delete()
    Datalogger.objects.update(status="offline", status_since=timezone.now() - timedelta(minutes=5))
    return there


def operator(field):
    return rows.browser(rows.person("ada", Role.OPERATOR, field.site))


def say(client, **what):
    return client.post(PATH, what, content_type="application/json")


def known(client) -> list[dict]:
    return client.get(PATH).json()


def test_what_one_operator_knows_every_viewer_reads(field):
    answer = say(operator(field), dataloggers=[field.datalogger.pk], note=" Battery is being changed ")
    assert answer.status_code == 201
    [row] = known(rows.browser(rows.person("vera", Role.VIEWER, field.site)))
    assert (row["datalogger_id"], row["note"], row["by"]) == (field.datalogger.pk, "Battery is being changed", "ada")
    assert AuditEntry.objects.filter(kind="acknowledgement", action="create", label=row["note"]).count() == 1


def test_a_device_that_returns_and_falls_again_needs_attention_again(field):
    ada = operator(field)
    say(ada, dataloggers=[field.datalogger.pk])
    Datalogger.objects.update(status="online")
    assert known(ada) == []
    Datalogger.objects.update(status="offline", status_since=timezone.now() + timedelta(seconds=1))
    assert known(ada) == []


def test_a_site_is_known_of_until_it_connects_or_is_heard_again(field):
    ada = operator(field)
    MqttConnection.objects.update(status="error", last_message_at=timezone.now(), last_connected_at=None)
    say(ada, sites=[field.site.pk], note="The provider has an outage")
    assert [row["note"] for row in known(ada)] == ["The provider has an outage"]
    MqttConnection.objects.update(last_connected_at=timezone.now())
    assert known(ada) == []


def test_saying_it_twice_changes_the_note_and_a_device_that_is_well_is_passed_over(field):
    ada = operator(field)
    Gateway.objects.update(status="online")
    for note in ("first", "second"):
        answer = say(ada, dataloggers=[field.datalogger.pk], gateways=[field.gateway.pk], note=note)
    assert [row["note"] for row in answer.json()] == ["second"] == [row["note"] for row in known(ada)]
    assert Acknowledgement.objects.count() == 1


def test_it_can_be_taken_back(field):
    ada = operator(field)
    [row] = say(ada, dataloggers=[field.datalogger.pk]).json()
    assert ada.delete(f"{PATH}{row['id']}/").status_code == 204
    assert known(ada) == []


def test_of_many_none_is_acknowledged_when_one_is_at_a_site_where_one_may_only_look(field):
    other = rows.site("other")
    theirs = Datalogger.objects.create(site=other, serial="B", status="offline")
    ada = rows.person("ada", Role.OPERATOR, field.site)
    rows.Membership.objects.create(user=ada, site=other, role=Role.VIEWER)
    answer = say(rows.browser(ada), dataloggers=[field.datalogger.pk, theirs.pk])
    assert answer.status_code == 403
    assert not Acknowledgement.objects.exists()
