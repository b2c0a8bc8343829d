"""The embedded MQTT broker: 3.1.1 on one port, 5 on another, both on loopback."""

import sys
from pathlib import Path

from project.local import ports
from project.local.home import Home, write_private
from project.local.supervisor import Program

PAYLOAD_LIMIT_BYTES = 1024 * 1024
WINDOW_MESSAGES = 500  # unacknowledged messages per client
SEGMENT_BYTES, SEGMENTS = 16 * 1024 * 1024, 4  # of backlog per topic filter, in memory

LISTENER = """
[{version}.1]
name = "{version}"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = {payload}
max_inflight_count = {window}
dynamic_filters = true
"""

CONFIGURATION = f"""\
id = 0
[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = {WINDOW_MESSAGES}
max_segment_size = {SEGMENT_BYTES}
max_segment_count = {SEGMENTS}
"""

# The wheel's own starter wants a pipe to its parent; here the supervisor ends it. rumqttd's spans name every packet
# an error, so only the broker's own words are logged.
SERVE = """
import logging, sys
from iotcore import IotCoreBroker
logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s")
logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
logging.getLogger("tracing").setLevel(logging.CRITICAL)
IotCoreBroker(config_path=sys.argv[1]).run_forever()
"""


class Broker:
    """One broker. `prepare` once, then start `program` and wait until `answers`."""

    title = "MQTT broker (3.1.1 and 5)"

    def __init__(self, home: Home, port: int, port5: int) -> None:
        self._file: Path = home.folder / "broker.toml"
        self._ports = {"v4": port, "v5": port5}
        self.notes: list[str] = []

    def prepare(self) -> None:
        listeners = [
            LISTENER.format(
                version=version, host=ports.LOOPBACK, port=port, payload=PAYLOAD_LIMIT_BYTES, window=WINDOW_MESSAGES
            )
            for version, port in self._ports.items()
        ]
        write_private(self._file, CONFIGURATION + "".join(listeners))

    @property
    def program(self) -> Program:
        # -P keeps the working directory off the import path, so that no folder there shadows the package.
        return Program("broker", [sys.executable, "-P", "-c", SERVE, str(self._file)])

    @property
    def url(self) -> str:
        return f"mqtt://{ports.LOOPBACK}:{self._ports['v4']}"

    @property
    def url5(self) -> str:
        return f"mqtt://{ports.LOOPBACK}:{self._ports['v5']}"

    def answers(self) -> bool:
        return all(ports.answers(port) for port in self._ports.values())
