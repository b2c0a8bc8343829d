"""Enphase Envoy, as its relays publish it on /envoy/json: live data in mW, or the readings of its meters by number."""

from typing import Any

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family
from mqtt_app.parsers.draft import Draft, Path, leaves, one
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from sites.reports import Report

_UNITS = {
    "actPower": "W", "activePower": "W", "apparentPower": "VA", "apprntPwr": "VA", "reactivePower": "var",
    "reactPwr": "var", "voltage": "V", "current": "A", "freq": "Hz", "actEnergyDlvd": "Wh", "actEnergyRcvd": "Wh",
    "whDlvdCum": "Wh", "whRcvdCum": "Wh", "apparentEnergy": "VAh", "rmsCurrent": "A", "rmsVoltage": "V", "wNow": "W",
    "whToday": "Wh", "whLifetime": "Wh", "whLastSevenDays": "Wh",
    "reactEnergyLagg": "varh", "reactEnergyLead": "varh", "soc": "%", "enc_agg_soc": "%", "enc_agg_energy": "Wh",
}  # fmt: skip
_ENDINGS = {"_mw": "mW", "_mva": "mVA", "_mvar": "mvar"}
_UNMEASURED = {"eid", "timestamp", "last_update", "main_relay_state", "gen_relay_state", "backup_bat_mode"}


class Enphase(Family):
    """The message names nobody: the Envoy is called by its topic. A meter's readings keep its number."""

    name = "enphase"
    patterns = ("/envoy/#", "envoy/json")

    def sender(self, topic: str) -> str | None:  # noqa: ARG002
        return "envoy"

    def parse(self, envelope: Envelope, context: Context) -> Report:
        document = texts.document(envelope)
        draft = Draft("envoy", envelope, context, "enphase")
        for prefix, part in _parts(document):
            draft.time = _time(part, context)
            for path, value in draft.bounded(leaves(part, prefix)):
                if path[-1] not in _UNMEASURED and measures(path[-1], value):
                    draft.add(".".join(path), value, _unit(path))
        return one(draft)


def _parts(document: Any) -> list[tuple[Path, Any]]:
    """Each meter by its number, else the whole document."""
    if isinstance(document, list):
        entries = [entry for entry in document if isinstance(entry, dict)]
        return [((str(entry.get("eid", index)),), entry) for index, entry in enumerate(entries)]
    return [((), document)]


def _time(part: Any, context: Context) -> Any:
    inner = part.get("meters") if isinstance(part, dict) and isinstance(part.get("meters"), dict) else part
    found = [inner.get(name) for name in ("timestamp", "last_update")] if isinstance(inner, dict) else []
    return next((at for value in found if (at := moment(value, context.timezone))), None)


def _unit(path: Path) -> str:
    return _UNITS.get(path[-1]) or next((unit for end, unit in _ENDINGS.items() if path[-1].endswith(end)), "")
