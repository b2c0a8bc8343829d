"""Why is my site quiet? The first broken step of its messages' way is named, with what mends it."""

import string
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from mqtt_app.diagnosis import judgement, symptoms
from mqtt_app.diagnosis.judgement import Facts, judge, span
from mqtt_app.diagnosis.words import WORDS, Code, State, Step
from mqtt_app.models import LedgerMinute, Listener, MqttConnection
from mqtt_app.overview import Word
from sites.models import Datalogger, Gateway, Role, Sensor
from tests import rows

MINUTE = timedelta(minutes=1)
WELL = Facts(
    broker="broker.example:1883",
    filters=("site_001/#",),
    message_age=timedelta(seconds=4),
    pace=timedelta(seconds=10),
    stored=90,
    failed=1,
    stamp_age=timedelta(seconds=5),
    pending_age=timedelta(seconds=1),
    devices=7,
)


def test_of_a_site_that_speaks_every_step_is_well() -> None:
    assert [(one.name, one.state) for one in judge(WELL)] == [(step, State.OK) for step in Step]


BROKEN = [
    ({"has_connection": False}, Step.WISH, "The site has no connection to a broker."),
    ({"is_wanted": False}, Step.WISH, "The site is stopped: nobody wants its messages."),
    ({"listener_alive": False}, Step.LISTENER, "No listener is alive: nothing is received."),
    ({"is_held": False}, Step.LISTENER, "No listener holds the connection yet."),
    (
        {"status": "error", "error": "Connection refused."},
        Step.LINK,
        "broker.example:1883 cannot be reached: Connection refused.",
    ),
    ({"status": "connecting"}, Step.LINK, "The connection to broker.example:1883 is being opened."),
    ({"filters": ()}, Step.SUBSCRIBED, "The broker has granted no subscription."),
    ({"message_age": None}, Step.ARRIVING, "Nothing has ever arrived."),
    (
        {"data": Word.QUIET, "message_age": 14 * MINUTE},
        Step.ARRIVING,
        "Nothing has arrived for 14 min; a message is expected every 10 s.",
    ),
    (
        {"stored": 0, "failed": 0, "unrecognised": 1_234},
        Step.UNDERSTOOD,
        "No parser recognises any of the 1,234 messages of the last 15 min.",
    ),
    (
        {"stored": 0, "failed": 9, "unrecognised": 3},
        Step.UNDERSTOOD,
        "All 9 messages of the last 15 min that a parser took have failed.",
    ),
    (
        {"stored": 0, "failed": 0, "ignored": 5},
        Step.UNDERSTOOD,
        "All 5 messages of the last 15 min were ignored.",
    ),
    ({"stamp_age": 60 * MINUTE}, Step.FRESH, "Messages arrive, but the newest value was measured 60 min ago."),
    ({"stamp_age": -6 * MINUTE}, Step.FRESH, "The newest value carries a time 6 min ahead."),
    ({"pending_age": 2 * MINUTE}, Step.STORED, "The oldest message has waited 2 min for its commit."),
    (
        {"silent": 3, "silent_gateway": "GW-2"},
        Step.DEVICES,
        "The gateway GW-2 is silent: what stands behind it cannot be heard.",
    ),
    ({"silent": 2}, Step.DEVICES, "2 of 7 devices are silent while the others speak."),
]


@pytest.mark.parametrize(("fault", "step", "words"), BROKEN)
def test_the_first_broken_step_is_named_with_an_action_and_nothing_is_said_of_later_ones(
    fault: dict, step: Step, words: str
) -> None:
    found = {one.name: one for one in judge(replace(WELL, **fault))}
    assert (found[step].state, found[step].words) == (State.BROKEN, words)
    assert found[step].action
    order = list(Step)
    for other in order:
        earlier = order.index(other) < order.index(step)
        assert found[other].state is (State.OK if earlier else State.BROKEN if other is step else State.UNKNOWN)


@pytest.mark.parametrize(
    ("facts", "step", "state", "code"),
    [
        ({"data": Word.ASLEEP, "message_age": 600 * MINUTE}, Step.ARRIVING, State.OK, Code.ASLEEP),
        ({"stored": 0, "failed": 0}, Step.UNDERSTOOD, State.UNKNOWN, Code.UNJUDGED),
        ({"stamp_age": None}, Step.FRESH, State.UNKNOWN, Code.UNJUDGED),
        ({"stamp_age": 4 * MINUTE}, Step.FRESH, State.OK, Code.FRESH),
        ({"data": Word.LATE, "message_age": 50 * MINUTE, "stamp_age": 51 * MINUTE}, Step.FRESH, State.OK, Code.FRESH),
        ({"devices": 0}, Step.DEVICES, State.UNKNOWN, Code.UNJUDGED),
    ],
)
def test_what_is_no_fault_is_not_called_one(facts: dict, step: Step, state: State, code: Code) -> None:
    found = {one.name: one for one in judge(replace(WELL, **facts))}
    assert (found[step].state, found[step].code) == (state, code)
    assert State.BROKEN not in {one.state for one in found.values()}


def test_every_sentence_is_whole() -> None:
    """Each code that a judge can say fills all slots of its words."""
    said = [one for facts, *_ in BROKEN for one in judge(replace(WELL, **facts))]
    said += judge(replace(WELL, data=Word.ASLEEP))
    assert {one.code for one in said} == set(Code) == WORDS.keys()
    for one in said:
        assert {name for _, name, _, _ in string.Formatter().parse(WORDS[one.code][0]) if name} == one.values.keys()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (-400_000, "5 d")]
)
def test_a_span_is_said_in_one_unit(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


@pytest.fixture
def field(db: None):
    """A site whose messages come, are understood and stored, and whose devices speak."""
    found = rows.furnished()
    now = timezone.now()
    listener = Listener.objects.get()
    Listener.objects.update(heartbeat=now)
    MqttConnection.objects.update(
        listener=listener, status="connected", last_message_at=now, subscribed=["site_001/#"], last_error=""
    )
    for model in (Gateway, Datalogger):
        model.objects.update(status="online", last_seen_at=now)
    Sensor.objects.update(latest_time=now)
    return found


def asked(field: object) -> dict:
    client = rows.browser(rows.person("vera", Role.VIEWER, field.site))
    return client.get(f"/api/v1/sites/{field.site.pk}/diagnosis/").json()


def test_the_rows_of_a_speaking_site_give_no_broken_step(field) -> None:
    answer = asked(field)
    assert answer["broken"] is None
    assert {one["state"] for one in answer["steps"]} == {"ok"}


def older(model: type, **ages: timedelta) -> None:
    model.objects.update(**{name: timezone.now() - age for name, age in ages.items()})


@pytest.mark.parametrize(
    ("change", "broken", "code"),
    [
        (lambda: MqttConnection.objects.all().delete(), "wish", "no_connection"),
        (lambda: MqttConnection.objects.update(is_active=False), "wish", "off"),
        (lambda: older(Listener, heartbeat=timedelta(seconds=11)), "listener", "none_alive"),
        (lambda: Listener.objects.update(is_stopping=True), "listener", "none_alive"),
        (lambda: MqttConnection.objects.update(listener=None), "listener", "not_held"),
        (lambda: MqttConnection.objects.update(status="error", last_error="No route."), "link", "down"),
        (lambda: MqttConnection.objects.update(subscribed=[]), "subscribed", "nothing_granted"),
        (lambda: LedgerMinute.objects.update(stored=0, unrecognised=4), "understood", "unrecognised"),
        (lambda: older(Sensor, latest_time=timedelta(hours=1)), "fresh", "behind"),
        (lambda: older(Listener, oldest_pending_at=timedelta(seconds=61)), "stored", "waiting"),
        (lambda: Gateway.objects.update(status="offline"), "devices", "gateway_silent"),
        (lambda: Datalogger.objects.update(status="offline"), "devices", "some_silent"),
    ],
)
def test_each_fault_of_the_rows_is_found_at_its_step(field, change, broken: str, code: str) -> None:
    change()
    answer = asked(field)
    assert answer["broken"] == broken
    assert {one["code"] for one in answer["steps"] if one["state"] == "broken"} == {code}


def test_a_site_whose_devices_have_been_silent_for_hours_stops_at_arriving(field) -> None:
    older(MqttConnection, last_message_at=timedelta(hours=3))
    for model in (Gateway, Datalogger):
        older(model, last_seen_at=timedelta(hours=3))
    assert asked(field)["broken"] == "arriving"


def test_fates_of_another_hour_or_site_are_not_counted(field) -> None:
    rows.furnished("site_002")
    older(LedgerMinute.objects.filter(connection=field.connection).model, minute=timedelta(hours=2))
    LedgerMinute.objects.create(
        connection=MqttConnection.objects.exclude(pk=field.connection.pk).get(), epoch=2, qos=1,
        minute=timezone.now(), failed=8,
    )  # fmt: skip
    facts = symptoms.of_site(field.site, timezone.now())
    assert (facts.stored, facts.failed) == (0, 0)
    assert judgement.WINDOW == 15 * MINUTE
