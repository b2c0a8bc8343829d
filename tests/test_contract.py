"""The committed contract is what the code describes, and what a browser hears is what the contract promises."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from ninja import Schema
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mqtt_app.browsers import events, live
from mqtt_app.models import MqttConnection
from project import contract
from sites import history, models
from sites.models import Datalogger, Sensor, Site
from sites.reports import Quality
from tests.web import NOW, browser, hear, hear_until, heard, member, serving, signed_in, status


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract.document()


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from refs(one)


def test_the_committed_document_is_what_the_code_describes() -> None:
    assert contract.PATH.read_text() == contract.text(), "write it anew: python manage.py openapi"


def test_the_command_tells_when_the_file_is_stale_and_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "new/openapi.json"
    with pytest.raises(CommandError, match="Write it anew"):
        call_command("openapi", "--check", "--to", path)
    assert not path.exists()
    call_command("openapi", "--to", path)
    call_command("openapi", "--check", "--to", path)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(refs(document)) <= there


def test_no_two_schemas_have_one_name() -> None:
    """In the document one would silently take the place of the other."""
    ours = [one for one in schemas_below(Schema) if one.__module__.startswith(("mqtt_app.", "sites.", "project."))]
    places = {(one.__name__, one.__module__) for one in ours}
    assert [name for name, count in Counter(name for name, _ in places).items() if count > 1] == []


def test_no_two_kinds_of_words_have_one_name_and_none_that_of_a_schema() -> None:
    meanings: dict[str, set[type[Enum]]] = {}
    for kind in chain(*(words_in(field.annotation) for schema in schemas_below(Schema) for field in fields(schema))):
        meanings.setdefault(kind.__name__, set()).add(kind)
    assert {name: kinds for name, kinds in meanings.items() if len(kinds) > 1} == {}
    assert meanings.keys() & {one.__name__ for one in schemas_below(Schema)} == set()


def schemas_below(schema: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in schema.__subclasses__():
        yield one
        yield from schemas_below(one)


def fields(schema: type[BaseModel]) -> Iterable[FieldInfo]:
    return schema.model_fields.values()


def words_in(annotation: Any) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for part in get_args(annotation):
        yield from words_in(part)


def test_each_type_on_the_wire_is_mapped_to_the_frame_that_has_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    mapping = schemas["ServerEvent"]["discriminator"]["mapping"]
    assert {"connection_established", "mqtt_status", "datalogger_update", "lagging", "error"} <= mapping.keys()
    assert len(schemas["ServerEvent"]["oneOf"]) == len(mapping)
    for word, ref in mapping.items():
        assert schemas[ref.rsplit("/")[-1]]["properties"]["type"]["const"] == word


def test_what_an_answer_always_holds_is_required(document: dict[str, Any]) -> None:
    """A reader that finds it optional would ask for what is always there."""
    answers = {name for name in document["components"]["schemas"] if re.search(r"Out$|^Page_|^Slice_", name)}
    for name in answers | contract.frame_schemas().keys() - {"ServerEvent"}:
        schema = document["components"]["schemas"][name]
        assert set(schema.get("required", [])) == set(schema.get("properties", {})), name


def test_the_words_of_events_are_those_of_the_models() -> None:
    class Words(BaseModel):
        presence: events.Presence
        reason: events.Reason
        quality: events.Quality
        link: events.LinkStatus
        role: events.Role

    promised = {name: set(field["enum"]) for name, field in Words.model_json_schema()["properties"].items()}
    assert promised == {
        "presence": set(models.Presence),
        "reason": {*models.OfflineReason, ""},
        "quality": set(Quality),
        "link": set(MqttConnection.Status),
        "role": set(models.Role),
    }


@pytest.mark.django_db(transaction=True)
def test_whatever_a_browser_hears_is_as_the_contract_says() -> None:
    site = Site.objects.create(name="Colle", slug="colle")
    device = events.DeviceState(id=1, serial="G1", status="online", last_seen_at=NOW)
    fall = events.Fall(id=1, serial="G1", status="offline", last_seen_at=None, expected_interval_s=10, reason="silent")
    topic = events.TopicSeen(path="colle/a", is_processable=False, parser="")
    failure = events.Failure(parser="x", reason="bad_json", count=2, topic="colle/a")
    told: list[events.Event] = [
        status(site),
        heard(site, 3.5),
        events.GatewayUpdate(site_id=site.pk, gateways=[device]),
        events.SensorOffline(site_id=site.pk, gateways=[fall]),
        events.SensorOnline(site_id=site.pk, dataloggers=[fall]),
        events.TopicDiscovered(site_id=site.pk, topics=[topic]),
        events.ParseFailed(site_id=site.pk, failures=[failure]),
        events.ReconcileTick(finished_at=timezone.now(), next_at=timezone.now(), applied=[site.pk]),
    ]
    history.make_partitions(NOW, timedelta(days=1))
    sensor = Sensor.objects.create(datalogger=Datalogger.objects.create(site=site, serial="D1"), key="t")
    history.append([history.Reading(sensor.pk, NOW, NOW, (1.5,), "good")])
    with serving() as host, browser(host, signed_in(member(site))) as ada:
        frames = [hear(ada)]
        live.announce(told)
        ada.send(json.dumps({"op": "watch", "sensor": sensor.pk, "since": NOW.timestamp()}))
        ada.send('{"op": "ping"}')
        ada.send("what?")
        frames += hear_until(ada, lambda frame: frame["type"] == "error")
        while {one["type"] for one in frames} < contract.FRAMES.keys() - {"lagging", "interruption"}:
            frames.append(hear(ada))
    for one in frames:
        contract.FRAMES[one["type"]].model_validate(one)
    contract.FRAMES["lagging"].model_validate(
        {"v": 1, "seq": 1, "ts": NOW, "type": "lagging", "site_id": None, "data": {"dropped": 3}}
    )
