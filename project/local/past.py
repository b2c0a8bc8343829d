"""A day of history for a fleet that is new, written by the store's own functions.

What was said at a few instants goes through the parsers and the store, as any message; the readings between them go
straight into history. The ledger gets nothing: it counts what came over MQTT.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from django.db import transaction

from mqtt_app import connection_events
from mqtt_app.exploring import discovery
from mqtt_app.exploring.overflow import Sighting
from mqtt_app.judging.verdicts import context
from mqtt_app.messages import LogEntry
from mqtt_app.models import MqttConnection
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Envelope
from mqtt_app.records import origins
from mqtt_app.records.origins import Origin
from mqtt_app.topics import matches
from project.local import speech
from project.local.plant import HEARTBEAT_TICKS, Box, GatewaySpec, SiteSpec
from project.local.signals import DAY_S, Span
from project.local.speech import Publication
from sites import devices, history, presence
from sites.heard import Heard
from sites.history import Reading
from sites.models import Datalogger, Gateway, Sensor, Site
from sites.presence import PATIENCE, Ear
from sites.reports import Quality

SITES_TOLD = 3  # a fleet made large for load has a past at its first sites only
STEP = 2
"""Intervals between two readings of the past: as close as a chart ever looks (sites.charts.grid)."""


@transaction.atomic
def tell(spec: SiteSpec, interval_s: float) -> int:
    """Give a site that has no device yet a day of history; how many readings were written."""
    if Datalogger.objects.filter(site__slug=spec.slug).exists():
        return 0
    site = Site.objects.get(slug=spec.slug)
    day = Span(spec.story.begin - DAY_S, spec.story.begin)
    said = {at: list(_said(spec, at, interval_s)) for at in (day.begin, *spec.story.marks, day.end)}
    devices.store([one for at, publications in said.items() for one in _heard(site, publications, _clock(at))])
    _discover(site, spec, said[day.begin], day, interval_s)
    for model in (Gateway, Datalogger):
        model.objects.filter(site=site).update(first_seen_at=_clock(day.begin))
    falls = presence.judge(_clock(spec.story.last_words + 3 * PATIENCE * interval_s), {site.pk: Ear(_clock(day.begin))})
    _keep_last_words([fall.device for fall in falls], {_clock(at): publications for at, publications in said.items()})
    _log_outages(site, spec)
    return sum(_fill(site, spec, gateway, day, interval_s) for gateway in spec.gateways)


def _said(spec: SiteSpec, at: float, interval_s: float) -> Iterator[Publication]:
    """What every gateway of the site says at one instant of the past, heartbeats included."""
    for gateway in spec.gateways:
        yield from speech.speak(spec, gateway, _clock(at), 0, interval_s)


def _heard(site: Site, publications: Iterable[Publication], at: datetime) -> Iterator[Heard]:
    about = context(site.slug, site.timezone)
    for one in publications:
        parser = registry.find(one.topic)
        assert parser is not None
        report = parser.parse(Envelope(one.topic, one.payload, one.retain, at), about)
        yield Heard(site.pk, report, at, one.retain, at)


def _discover(site: Site, spec: SiteSpec, said: Iterable[Publication], day: Span, interval_s: float) -> None:
    """The topics, as if their messages had been counted all day."""
    pace = {gateway.topic: gateway.pace for gateway in spec.gateways}
    first, rest = [], []
    for topic, payload, _ in said:
        parser = registry.find(topic)
        assert parser is not None
        pattern = next(each for each in parser.patterns if matches(each, topic))
        sighting = Sighting(site.pk, topic, _clock(day.begin), payload, parser.name, pattern, qos=1)
        every = interval_s * pace["/".join(topic.split("/")[:3])]
        every *= 1 if topic.endswith(("telemetry", "all/status")) else HEARTBEAT_TICKS
        first.append(sighting)
        rest += [sighting._replace(received_at=_clock(day.end))] * int(DAY_S / every)
    discovery.record(first)
    discovery.record(rest)


def _keep_last_words(silent: Iterable[Gateway | Datalogger], said: Mapping[datetime, Iterable[Publication]]) -> None:
    """As if the samples had been looked through when each of them fell silent."""
    for one in silent:
        if isinstance(one, Datalogger) and (at := one.last_seen_at):
            topic, payload, retain = next(each for each in said[at] if one.serial.encode() in each.payload)
            origin = Origin(topic, at, qos=1, retain=retain, size=len(payload), payload=payload, topic_id=None)
            origins.keep(one, origin)


def _log_outages(site: Site, spec: SiteSpec) -> None:
    connection = MqttConnection.objects.get(site=site)
    address = f"{connection.broker_host}:{connection.broker_port}"
    begun = [LogEntry(connection.pk, spec.story.begin - DAY_S, "INFO", f"Connected to {address}.")]
    for cut in spec.outages:
        lost = f"The broker at {address} does not answer: timed out. Attempt {{}}, next in {{}} s."
        tries = [(cut.begin, 1, 5), (cut.begin + 35, 2, 30), (cut.begin + 95, 3, 300), (cut.begin + 425, 4, 300)]
        begun += [
            LogEntry(connection.pk, at, "WARNING", lost.format(count, pause), "TimeoutError", retry_attempt=count)
            for at, count, pause in tries
        ]
        begun.append(LogEntry(connection.pk, cut.end, "INFO", f"Connected to {address}."))
    connection_events.write(begun)


def _fill(site: Site, spec: SiteSpec, gateway: GatewaySpec, day: Span, interval_s: float) -> int:
    """The readings of one gateway's boxes, between those that were said."""
    deaf = (*spec.outages, *gateway.silences)
    step = STEP * interval_s * gateway.pace
    instants = [at for at in _raster(day, step) if not any(span.holds(at) for span in deaf)]
    slow = instants[:: HEARTBEAT_TICKS // STEP]
    boxes = [*gateway.boxes, *([gateway.host] if gateway.host else [])]
    return sum(
        _fill_box(site, spec, gateway, box, times)
        for box, times in [*((box, instants) for box in boxes), (gateway.cabinet, slow)]
    )


def _fill_box(site: Site, spec: SiteSpec, gateway: GatewaySpec, box: Box, times: Sequence[float]) -> int:
    chance = Random(f"{spec.seed}:{gateway.serial}:{box.serial}:past")
    sensors = Sensor.objects.filter(datalogger__site=site, datalogger__serial=box.serial)
    ids = dict(sensors.values_list("key", "pk"))
    clocks = [(at, _clock(at)) for at in times if at <= box.last_words]
    readings = [
        Reading(ids[channel.key], clock, clock, tuple(channel.read(at, chance)), Quality.GOOD)
        for channel in box.channels
        for at, clock in clocks
        if at < gateway.errs_from or channel is not gateway.erring
    ]
    history.append(readings)
    return len(readings)


def _raster(day: Span, step: float) -> Iterator[float]:
    """Instants that are the same for everyone who looks, so that each bucket of a chart holds one."""
    at = day.begin // step * step + step
    while at < day.end:
        yield at
        at += step


def _clock(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
