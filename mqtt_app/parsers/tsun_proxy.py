"""TSUN gen3 proxy: tsun/{node}/{input, grid, total, env, controller, events}, nested by input."""

from mqtt_app.parsers.flat import Flat


class TsunProxy(Flat):
    """A node is called as its topic calls it."""

    name = "tsun_proxy"
    patterns = ("tsun/+/+",)
    energy = "kWh"
    units = {
        "Inverter_Temp": "°C", "Signal_Strength": "%", "Power_On_Time": "s", "Data_Up_Interval": "s",
        "Rated_Power": "W", "Output_Power": "W", "Output_Coefficient": "%",
    }  # fmt: skip
    unmeasured = {"Inverter_Alarm", "Inverter_Fault", "Inverter_Status", "Detect_Status_1", "Detect_Status_2"}

    def sender(self, topic: str) -> str | None:
        return topic.split("/")[1]
