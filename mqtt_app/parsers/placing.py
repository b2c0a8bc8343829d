"""Which levels of a foreign topic name the device and which the sensor, and the unit, where only the topic tells."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from mqtt_app.parsers.units import of_quantity
from mqtt_app.topics import template

Unit = Callable[[str], str]


class Place(NamedTuple):
    """Whose value a topic carries."""

    device: str
    sensor: str
    unit: str = ""


class Form(NamedTuple):
    """The topics of a known sender, and the unit that it documents for a sensor."""

    template: str
    unit: Unit = of_quantity


def _deye(sensor: str) -> str:
    """deye-inverter-mqtt: whatever is counted by day or in all is in kWh."""
    words = set(re.split(r"[/_]", sensor))
    counted = words & {"energy", "charge", "discharge", "production", "bought", "sold", "generation"}
    if words & {"day", "daily", "total"} and counted:
        return "kWh"
    return "min" if sensor == "uptime" else of_quantity(sensor)


def _e3dc(sensor: str) -> str:
    """rscp2mqtt: meters and the inverter count in Wh, sums are in kWh; what is below a quantity has its unit."""
    levels = sensor.split("/")
    if any(level.startswith("energy") for level in levels):
        return "Wh" if levels[0] in ("pvi", "pm", "wallbox") else "kWh"
    if levels[-1] in ("autarky", "consumed", "rsoc", "soc", "production", "consumption"):
        return "%" if levels[-1] not in ("production", "consumption") else ""
    return next((unit for level in reversed(levels) if (unit := of_quantity(level))), "")


def _dsmr(sensor: str) -> str:
    """DSMR-reader: tariffs in kWh, the present in kW, phases in kW, V and A, gas in m³."""
    last = sensor.rpartition("/")[2]
    if "cost" in last:
        return "€"
    if "tariff" in last:
        return ""
    if "voltage" in last:
        return "V"
    if "current_l" in last and "currently" not in last:
        return "A"
    if "gas" in sensor:
        return "m³"
    if "currently" in last or "peak" in sensor:
        return "kW"
    if "extra_device" in last:
        return "m³"
    return "kWh" if re.search(r"delivered|returned|electricity", last) else ""


_OPENWB = (
    (r"(?:.*/)?%?Soc|.*%.*|(?:.*/)?soc", "%"),
    (r"(?:.*/)?(?:daily|monthly|yearly)_(?:yield|imported|exported)|(?:.*/)?(?:imported|exported)", "Wh"),
    (r"(?:.*/)?(?:Wh\w*|\w*Wh)", "Wh"),
    (r"(?:.*/)?\w*[kK][wW]h\w*", "kWh"),
    (r"(?:.*/)?W(?:[A-Z]\w*|Phase\d)?|(?:.*/)?powers?", "W"),
    (r"(?:.*/)?A(?:Phase\d|Configured)|(?:.*/)?currents?", "A"),
    (r"(?:.*/)?VPhase\d|(?:.*/)?voltages?", "V"),
    (r"(?:.*/)?Hz|(?:.*/)?frequency", "Hz"),
)


def _openwb(sensor: str) -> str:
    """openWB 1 writes the unit before the name (WhImported, APhase1), openWB 2 names the quantity."""
    return next((unit for pattern, unit in _OPENWB if re.fullmatch(pattern, sensor)), "")


def _mpp_solar(sensor: str) -> str:
    return of_quantity(sensor, energy="Wh")


def _enode(sensor: str) -> str:
    return {"Va": "V", "Aa": "A", "Pa": "W"}.get(sensor.rpartition("/")[2].rpartition(".")[2]) or of_quantity(sensor)


def _unsaid(sensor: str) -> str:  # noqa: ARG001
    return ""


def _openevse(sensor: str) -> str:
    """OpenEVSE: the current is in mA; temperatures are in tenths of a degree, for which there is no unit."""
    last = sensor.rpartition("/")[2].rpartition(".")[2]
    return {"amp": "mA", "pilot": "A", "wh": "Wh", "voltage": "V"}.get(last, "")


def _goe(sensor: str) -> str:
    """go-eCharger, API of the second version."""
    return {"eto": "Wh", "wh": "Wh", "etop": "Wh", "amp": "A", "ama": "A", "tma": "°C", "fhz": "Hz"}.get(sensor, "")


def _warp(sensor: str) -> str:
    """WARP chargers: whatever is set or allowed at the socket is in mA; a meter's power in W, its energy in kWh."""
    last = re.split(r"[/.]", sensor)[-1]
    if last.split("_")[-1] == "current":
        return "mA"
    return {"power": "W", "energy_rel": "kWh", "energy_abs": "kWh"}.get(last, "")


def _teslamate(sensor: str) -> str:
    """TeslaMate: metric, and the charger's power in kW."""
    last = sensor.rpartition("/")[2]
    if last.endswith("_km") or last == "odometer":
        return "km"
    known = {"charger_power": "kW", "battery_level": "%", "usable_battery_level": "%", "power": "kW", "speed": "km/h",
             "charge_energy_added": "kWh", "elevation": "m"}  # fmt: skip
    return known.get(last) or of_quantity(last)


FORMS = (
    Form("teslamate/{device+}/{sensor}", _teslamate),
    Form("{device}/status/{sensor}/value", _mpp_solar),
    Form("{device}/{sensor}/get"),  # OpenBeken
    Form("psmqtt/{device}/{sensor+}"),
    *(Form(f"{charger}/{{device}}/{{sensor+}}", _warp) for charger in ("warp", "warp2", "warp3")),
    Form("enode/{device}/{_}/{sensor+}", _enode),
    Form("client/{device}"),  # the last will of eNode
    Form("telegraf/{device}/{sensor+}"),
    Form("bluetti/{device}/state/{sensor+}"),
    Form("go-eCharger/{device}/{sensor+}", _goe),
    *(Form(f"{sender}/{{device}}/{{sensor+}}", _unsaid) for sender in ("wled", "nuki", "valetudo")),
    Form("devices/{device}/controls/{sensor}"),  # Wiren Board
    Form("devices/{device}/messages/events"),  # Azure IoT Hub, through a bridge
    Form("iot-2/type/{_}/id/{device}/evt/{_}/fmt/{_}"),  # IBM Watson IoT
    Form("pyfusionsolar/{_}/sensors/{_}/inverters/{device+}/state"),
)
"""The forms of known senders that the rule of thumb would read wrongly."""

SENDERS: dict[str, Unit] = {"deye": _deye, "e3dc": _e3dc, "dsmr": _dsmr, "openWB": _openwb, "enode": _enode,
                            "openevse": _openevse, "warp": _warp, "warp2": _warp, "warp3": _warp}  # fmt: skip
"""Known senders whose first level is the device: what they count in."""

_ROOTS = frozenset({"home", "house", "sensors", "sensor", "devices", "device", "gateway", "gateways", "iot", "mqtt"})
"""First levels that gather devices and name none."""


_UNITS = (
    (re.compile(r"(.+/status/[^/]+)/unit"), "/value"),  # mpp-solar
    (re.compile(r"(.+)/unit_of_measurement"), "/state"),  # Home Assistant's statestream
    (re.compile(r"(/?devices/[^/]+/controls/[^/]+)/meta/units"), ""),  # Wiren Board
)


def unit_of(topic: str) -> str | None:
    """The topic whose unit is said on `topic`, where a known sender says units on topics of their own."""
    found = ((told.fullmatch(topic), rest) for told, rest in _UNITS)
    return next((f"{match[1]}{rest}" for match, rest in found if match), None)


@lru_cache(maxsize=10_000)
def place(topic: str, wanted: str = "") -> Place:
    """Where `topic` belongs: by the site's own template, else by a known form, else the first level is the device."""
    topic = topic.strip("/")
    for form in (Form(wanted), *FORMS):
        if form.template and (found := template(form.template).fullmatch(topic)):
            names = found.groupdict()
            sensor = names.get("sensor") or names["device"].rpartition("/")[2]
            return Place(names["device"], sensor, form.unit(sensor))
    levels = topic.split("/")
    at = 1 if len(levels) > 2 and levels[0].lower() in _ROOTS else 0
    sensor = "/".join(levels[at + 1 :]) or levels[at]
    return Place(levels[at], sensor, unit(topic, sensor))


def unit(topic: str, sensor: str) -> str:
    """The unit of a sensor as the sender of `topic` documents it, else as nearly everyone has it."""
    if topic == "energy/solar":  # OpenInverterGateway
        return of_quantity(sensor, energy="kWh")
    return SENDERS.get(topic.strip("/").partition("/")[0], of_quantity)(sensor)
