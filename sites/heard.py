"""What the messages of one batch say of gateways and dataloggers, before anything of it is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sites.binary import Column
from sites.presence import Declaration
from sites.reports import Availability, DataloggerReport, GatewayReport, Report

DeviceKey = tuple[int, str]
"""(site id, serial)"""

DEVICE: Sequence[Column] = [("site_id", "bigint"), ("serial", "text")]


class Heard(NamedTuple):
    """One message's report, where and when it was received.

    retained: an old message that the broker kept; it proves no life. connected_at: since when we listen to that broker.
    """

    site_id: int
    report: Report
    received_at: datetime
    retained: bool
    connected_at: datetime


@dataclass(slots=True)
class Known:
    """What the messages of one batch said of one device, the newest of each fact."""

    firmware: str = ""
    kind: str = ""
    gateway: str | None = None
    interval: float | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    seen: datetime | None = None
    declared: Declaration | None = None
    takes_down: bool = False

    def learn(self, report: GatewayReport | DataloggerReport, heard: Heard) -> None:
        self.firmware = report.firmware or self.firmware
        self.interval = report.interval or self.interval
        self.metadata.update(report.metadata)
        if isinstance(report, GatewayReport):
            self.addresses.update(report.addresses)
        else:
            self.kind = report.kind or self.kind
            self.gateway = report.gateway or self.gateway
        if report.availability is not None:
            since = heard.connected_at if heard.retained else None
            self.declared = Declaration(report.availability, heard.received_at, since)
            self.takes_down = isinstance(report, GatewayReport) and report.takes_down
        offline = report.availability is Availability.OFFLINE
        if report.alive and not heard.retained and not offline:
            self.seen = max(self.seen or heard.received_at, heard.received_at)


def learn(heard: Iterable[Heard]) -> tuple[dict[DeviceKey, Known], dict[DeviceKey, Known]]:
    """What a batch says of each gateway and each datalogger, in the order of reception."""
    gateways: dict[DeviceKey, Known] = {}
    dataloggers: dict[DeviceKey, Known] = {}
    for one in heard:
        for gateway in one.report.gateways:
            gateways.setdefault((one.site_id, gateway.serial), Known()).learn(gateway, one)
        for datalogger in one.report.dataloggers:
            dataloggers.setdefault((one.site_id, datalogger.serial), Known()).learn(datalogger, one)
            if datalogger.gateway:
                gateways.setdefault((one.site_id, datalogger.gateway), Known())
    return gateways, dataloggers
