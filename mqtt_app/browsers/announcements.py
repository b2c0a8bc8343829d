"""Put what changed into the words that browsers are told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from mqtt_app.browsers.events import (
    DataloggerState,
    DataloggerUpdate,
    DeviceState,
    Event,
    Failure,
    Fall,
    GatewayUpdate,
    MqttStatus,
    ParseFailed,
    SensorOffline,
    SensorOnline,
    TopicDiscovered,
    TopicSeen,
)
from mqtt_app.exploring.overflow import Sighting
from mqtt_app.models import MqttConnection
from mqtt_app.records.failures import Failure as Failed
from mqtt_app.records.failures import text
from sites import presence
from sites.device_rows import Change
from sites.devices import Stored
from sites.latest import Latest
from sites.models import Datalogger, Gateway, OfflineReason, Presence

Device = Gateway | Datalogger
One = TypeVar("One", Change, Failed, Sighting)


def of_batch(stored: Stored, failed: Sequence[Failed], topics: Sequence[Sighting]) -> list[Event]:
    """Everything a stored batch has to tell, site by site."""
    gateways, dataloggers = _by_site(stored.gateways), _by_site(stored.dataloggers)
    failures, new = _by_site(failed), _by_site(topics)
    return [
        event
        for site in sorted({*gateways, *dataloggers, *failures, *new})
        for event in _of_site(
            site,
            gateways.get(site, []),
            dataloggers.get(site, []),
            stored.latest,
            failures.get(site, []),
            new.get(site, []),
        )
    ]


def _by_site(many: Iterable[One]) -> dict[int, list[One]]:
    """In one pass: a batch may be of as many sites as messages."""
    sites: dict[int, list[One]] = {}
    for one in many:
        sites.setdefault(one.site_id, []).append(one)
    return sites


def _of_site(
    site: int,
    gateways: Sequence[Change],
    dataloggers: Sequence[Change],
    latest: Mapping[int, dict[int, Latest]],
    failed: Sequence[Failed],
    new: Sequence[Sighting],
) -> Iterable[Event]:
    if gateways:
        yield GatewayUpdate(site_id=site, gateways=[_state(change) for change in gateways])
    if dataloggers:
        states = [_datalogger(change, latest.get(change.id, {})) for change in dataloggers]
        yield DataloggerUpdate(site_id=site, dataloggers=states)
    for kind, status in ((SensorOffline, Presence.OFFLINE), (SensorOnline, Presence.ONLINE)):
        told = [[_turn(one) for one in many if _turned(one, status)] for many in (gateways, dataloggers)]
        if any(told):
            yield kind(site_id=site, gateways=told[0], dataloggers=told[1])
    if new:
        seen = [TopicSeen(path=one.topic, is_processable=bool(one.parser), parser=one.parser) for one in new]
        yield TopicDiscovered(site_id=site, topics=seen)
    kinds = Counter((one.parser, one.reason) for one in failed)
    if kinds:
        last = {(one.parser, one.reason): text(one.topic) for one in failed}
        yield ParseFailed(
            site_id=site,
            failures=[
                Failure(parser=parser, reason=reason, count=count, topic=last[parser, reason])
                for (parser, reason), count in kinds.items()
            ],
        )


def _turned(change: Change, status: Presence) -> bool:
    """Whether a device has just become `status` in a way that is worth a word.

    A return is told only after a fall that was: one out of the unknown, or that a gateway explained, was not.
    """
    if change.before.status == change.after.status or change.after.status != status:
        return False
    told = change.before.status == Presence.OFFLINE and change.before.reason != OfflineReason.GATEWAY
    return told or status == Presence.OFFLINE


def _turn(change: Change) -> Fall:
    return Fall(
        id=change.id,
        serial=change.serial,
        status=change.after.status,
        last_seen_at=change.after.last_seen_at,
        expected_interval_s=change.interval_s,
        reason=change.after.reason,
    )


def _state(change: Change) -> DeviceState:
    return DeviceState(
        id=change.id, serial=change.serial, status=change.after.status, last_seen_at=change.after.last_seen_at
    )


def _datalogger(change: Change, latest: dict[int, Latest]) -> DataloggerState:
    return DataloggerState(
        id=change.id,
        serial=change.serial,
        status=change.after.status,
        last_seen_at=change.after.last_seen_at,
        sensors=[
            {
                "id": pk,
                "key": report.key,
                "unit": report.unit,
                "components": report.components,
                "values": reading.values,
                "time": reading.time,
                "received_at": reading.received_at,
                "quality": reading.quality,
            }
            for pk, (report, reading) in latest.items()
        ],
    )


def of_silence(falls: Sequence[presence.Fall], deafened: Sequence[Device]) -> list[Event]:
    """Who fell silent, and whose presence is no longer known.

    A fall that a gateway explains, and one into the unknown, is an update like any other: nobody is alarmed by it.
    """
    told: dict[int, SensorOffline] = {}
    quiet: list[tuple[Device, Presence]] = [(device, Presence.UNKNOWN) for device in deafened]
    for device, reason in falls:
        if reason == OfflineReason.GATEWAY:
            quiet.append((device, Presence.OFFLINE))
            continue
        event = told.setdefault(device.site_id, SensorOffline(site_id=device.site_id))
        fall = Fall(
            id=device.pk,
            serial=device.serial,
            status=Presence.OFFLINE,
            last_seen_at=device.last_seen_at,
            expected_interval_s=device.expected_interval_s,
            reason=reason,
        )
        (event.gateways if isinstance(device, Gateway) else event.dataloggers).append(fall)
    return [*told.values(), *_updates(quiet)]


def _updates(changed: Sequence[tuple[Device, Presence]]) -> Iterable[Event]:
    """A new status of many devices, one event for each site and kind of device."""
    for site in sorted({device.site_id for device, _ in changed}):
        gateways, dataloggers = [], []
        for device, status in changed:
            state = {"id": device.pk, "serial": device.serial, "status": status, "last_seen_at": device.last_seen_at}
            if device.site_id == site and isinstance(device, Gateway):
                gateways.append(DeviceState.model_validate(state))
            elif device.site_id == site:
                dataloggers.append(DataloggerState.model_validate(state))
        if gateways:
            yield GatewayUpdate(site_id=site, gateways=gateways)
        if dataloggers:
            yield DataloggerUpdate(site_id=site, dataloggers=dataloggers)


def of_connection(connection: MqttConnection) -> MqttStatus:
    """A connection's wish and fact."""
    return MqttStatus(
        site_id=connection.site_id,
        is_active=connection.is_active,
        status=connection.status,
        since=connection.status_since,
        attempt=connection.mqtt_retry_count,
        next_retry_at=connection.mqtt_next_retry,
        last_error=connection.last_error,
    )
