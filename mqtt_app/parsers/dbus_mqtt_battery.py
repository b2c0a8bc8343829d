"""dbus-mqtt-battery, on any topic: what a battery management system tells a Victron system."""

from mqtt_app.parsers.flat import Flat


class DbusMqttBattery(Flat):
    """Nobody is named: a battery is called by its topic."""

    name = "dbus_mqtt_battery"
    patterns = ("#",)
    units = {
        **dict.fromkeys(("capacity", "installedCapacity", "consumedAmphours", "totalAhDrawn"), "Ah"),
        "timeToGo": "s", "soc": "%", "soh": "%",
    }  # fmt: skip

    def fits(self, payload: bytes) -> bool:
        head = payload[:1_024]
        return b'"dc"' in head and b'"soc"' in head and b'"voltage"' in head

    def unit(self, path: tuple[str, ...]) -> str:
        return "" if path[0] == "alarms" else super().unit(path)
