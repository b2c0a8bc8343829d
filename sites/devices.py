"""Store what parsers reported: devices, their presence, latest values and history, as sets of rows.

The order is the same for every worker: make what is new (gateways, dataloggers, sensors), append history, then lock
and update gateways and dataloggers by id. A sensor is only updated under its datalogger's lock. So no two workers
wait for each other in a circle, and hot rows are locked last and shortest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sites.device_rows import Change, complete, take_down, touch
from sites.heard import DEVICE, Heard, learn
from sites.latest import Latest, store_latest, store_readings
from sites.upsert import Key, resolve


@dataclass(slots=True)
class Stored:
    """What a batch changed, for those who are to be told. latest: newest readings by datalogger id and sensor id.

    new_…: the devices that were made, by site and serial.
    """

    gateways: list[Change] = field(default_factory=list)
    dataloggers: list[Change] = field(default_factory=list)
    latest: dict[int, dict[int, Latest]] = field(default_factory=dict)
    new_gateways: list[Key] = field(default_factory=list)
    new_dataloggers: list[Key] = field(default_factory=list)

    def extend(self, other: "Stored") -> None:
        self.gateways += other.gateways
        self.dataloggers += other.dataloggers
        self.latest |= other.latest
        self.new_gateways += other.new_gateways
        self.new_dataloggers += other.new_dataloggers


def store(heard: Sequence[Heard]) -> Stored:
    """Store what one batch of messages reported. Needs a transaction; idempotent; newer wins."""
    gateways, dataloggers = learn(heard)
    if not gateways and not dataloggers:
        return Stored()
    new_gateways: list[Key] = []
    new_dataloggers: list[Key] = []
    gateway_ids = resolve("sites_gateway", DEVICE, gateways, new_gateways)
    datalogger_ids = resolve("sites_datalogger", DEVICE, dataloggers, new_dataloggers)
    latest = store_readings(heard, datalogger_ids)
    stored = Stored(
        gateways=touch("sites_gateway", gateway_ids, gateways, {}),
        dataloggers=touch("sites_datalogger", datalogger_ids, dataloggers, gateway_ids),
        new_gateways=new_gateways,
        new_dataloggers=new_dataloggers,
    )
    stored.dataloggers += take_down(stored.gateways, gateways)
    stored.latest = store_latest(latest)
    return stored


def refill(heard: Sequence[Heard]) -> Stored:
    """Store what old messages said: history, what is new, and what is still unknown of a device; nobody's presence.

    Needs a transaction; idempotent; newer latest values stay.
    """
    gateways, dataloggers = learn(heard)
    if not gateways and not dataloggers:
        return Stored()
    stored = Stored()
    gateway_ids = resolve("sites_gateway", DEVICE, gateways, stored.new_gateways)
    datalogger_ids = resolve("sites_datalogger", DEVICE, dataloggers, stored.new_dataloggers)
    latest = store_readings(heard, datalogger_ids)
    complete("sites_gateway", gateway_ids, gateways, {})
    complete("sites_datalogger", datalogger_ids, dataloggers, gateway_ids)
    store_latest(latest)
    return stored
