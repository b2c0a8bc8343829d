"""Which parser reads which topic, and what is said of a wrong setting."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, Envelope
from sites.reports import Report


class Nameless:
    name = ""
    patterns = ("a/+",)

    def parse(self, envelope: Envelope, context: Context) -> Report:  # noqa: ARG002
        return Report()


class Misled(Nameless):
    name = "misled"
    patterns = ("a/#/b",)


class Twin(Nameless):
    name = "twin"


class Broken(Twin):
    def __init__(self) -> None:
        raise RuntimeError("no table")


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("s/gateway/1/dataloggers/telemetry", "dataloggers_telemetry"),
        ("s/gateway/1/datalogger/all/status", "datalogger_status_aggregated"),
        ("s/gateway/1/datalogger/all/telemetry", "datalogger_status_aggregated"),
        ("s/gateway/1/datalogger/monstro/2/heartbeat", "datalogger_heartbeat"),
        ("s/gateway/1/datalogger/monstro/2/output", "datalogger_output"),
        ("s/gateway/1/status", "gateway_status"),
        ("s/gateway/1/heartbeat", "gateway_status"),
        ("s/connection/status", "connection_status"),
        ("s/backend/status", "backend_beacon"),
    ],
)
def test_every_topic_of_the_field_has_its_parser(topic: str, name: str) -> None:
    parser = registry.find(topic)
    assert parser
    assert parser.name == name
    assert registry.get(name) is parser


@pytest.mark.parametrize(
    "topic",
    [
        *("s/gateway/1/datalogger/monstro/readings", "s/status", "$SYS/connection/status", "", "/", "s/" * 5_000),
    ],
    ids=lambda topic: topic[:40],
)
def test_strangers_have_none_before_their_payload_is_seen(topic: str) -> None:
    assert registry.find(topic) is None


def test_names_come_in_the_order_in_which_parsers_are_asked() -> None:
    assert registry.names()[0] == "dataloggers_telemetry"
    assert len(registry.names()) == len(set(registry.names())) == len(settings.PARSERS)
    assert registry.get("unheard_of") is None


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["mqtt_app.parsers.nowhere.Nothing"], "mqtt_app.parsers.nowhere.Nothing cannot be loaded: No module named"),
        (["mqtt_app.parsers.telemetry.Nothing"], "mqtt_app.parsers.telemetry.Nothing cannot be loaded"),
        (["Nothing"], "Nothing cannot be loaded"),
        ([f"{__name__}.Broken"], "Broken cannot be loaded: no table"),
        ([f"{__name__}.Nameless"], "Nameless cannot be loaded: a parser has a name"),
        (["mqtt_app.parsers.base.Context"], "mqtt_app.parsers.base.Context cannot be loaded"),
        ([f"{__name__}.Misled"], "Misled has a bad pattern: # may only be the last level"),
        ([f"{__name__}.Twin", f"{__name__}.Twin"], "is the second parser named “twin”"),
    ],
)
def test_a_parser_that_cannot_be_used_is_named_with_the_reason(paths: list[str], said: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        registry.load(paths)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith(f"PARSERS: {paths[-1]}")
