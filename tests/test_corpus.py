"""Every message of the corpus has its fate in the data path: kept byte for byte, quickly, its neighbours unharmed."""

import time

import pytest

from mqtt_app.ingest import ingest
from mqtt_app.judging.verdicts import Route, Rule, context, judge
from mqtt_app.messages import Message
from mqtt_app.models import MqttConnection, MqttParsingLog, MqttTopic
from sites.models import Datalogger, Reading, Site
from tests import bad_input
from tests.bad_input import OTHER, SITE, Case
from tests.field import batch, connect, ledger, message, telemetry

BUDGET_S = 0.1
"""Of processor time for one message, the best of three; ordinary ones take less than a millisecond."""


@pytest.fixture
def connection() -> MqttConnection:
    """A connection that listens to everything."""
    made = connect(SITE)
    MqttTopic.objects.create(mqtt_connection=made, topic_pattern="#")
    Site.objects.create(name="Another", slug=OTHER)
    return made


def as_message(case: Case) -> Message:
    return message(case.topic, case.payload, qos=case.qos, retain=case.retain)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", bad_input.files())
def test_every_case_has_its_fate_and_its_neighbours_are_stored(connection: MqttConnection, name: str) -> None:
    for minute, case in enumerate(bad_input.load(name)):
        readings, failures, before = Reading.objects.count(), MqttParsingLog.objects.count(), ledger(connection)
        good = [message(payload=telemetry(7.0, serial=f"good-{end}")) for end in ("first", "last")]
        page = time.time() + 60 * minute  # of the ledger: one for each case
        whole = [one._replace(received_at=page) for one in (good[0], as_message(case), good[1])]
        outcome = ingest(batch(connection, *whole))
        assert outcome
        expect = case.expect
        assert [fate.value for fate in outcome.fates] == ["stored", expect["outcome"], "stored"], case.name
        after = ledger(connection)
        assert "in_flight" not in after, case.name
        assert after["received"] - before.get("received", 0) == 3, case.name
        rows = Reading.objects.order_by("received_at")
        if "readings" in expect:
            assert rows.count() - readings == 2 + expect["readings"], case.name
        of_case = rows.exclude(sensor__datalogger__serial__startswith="good-")
        if "values" in expect:
            assert of_case.last().values == expect["values"], case.name
        if "quality" in expect:
            assert of_case.last().quality == expect["quality"], case.name
        if "datalogger" in expect:
            assert Datalogger.objects.filter(site=connection.site, serial=expect["datalogger"]).count() == 1, case.name
        kept = MqttParsingLog.objects.order_by("id")[failures:]
        reasons = [one.error_type for one in kept]
        if "reason_code" in expect:
            assert reasons == [expect["reason_code"]], case.name
            assert expect.get("log_contains", "") in kept[0].error_message, case.name
        elif "problem" in expect:
            assert reasons == ["bad_readings"], case.name
            assert f": {expect['problem']}: " in kept[0].error_message, case.name
        else:
            assert reasons == [], case.name
        assert all(bytes(one.payload) == case.payload for one in kept), case.name


@pytest.mark.parametrize("name", bad_input.files())
def test_no_case_costs_much_to_judge(name: str) -> None:
    everything = Route(1, 1, context(SITE, "Europe/Rome"), [Rule("#", is_active=True, parser="")])
    for case in bad_input.load(name):
        assert min(cost(as_message(case), everything) for _ in range(3)) < BUDGET_S, case.name


def cost(one: Message, route: Route) -> float:
    began = time.process_time()
    judge(one, route)
    return time.process_time() - began
