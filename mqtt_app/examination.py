"""What every part of the system says of itself, and how to mend what is not well: `manage.py doctor` and its like."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from mqtt_app import checks as our_checks
from mqtt_app.health import probes
from mqtt_app.models import MqttConnection
from mqtt_app.upkeep import rotation

BROKER_TIMEOUT_S = 3.0
BROKERS_AT_ONCE = 32
NAMED = 5


class Line(NamedTuple):
    """state: ok, warning, failed."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def lines(mosquitto: Path | None = None) -> Iterator[Line]:
    """Everything that is asked. mosquitto: a broker's configuration to judge beside."""
    yield from configuration()
    yield from parts()
    yield from secrets()
    yield from brokers()
    yield from profile(mosquitto)


def configuration() -> Iterator[Line]:
    """What the system checks say, those of the database included."""
    found = [message for message in checks.run_checks(databases=["default"]) if not message.is_silenced()]
    for message in found:
        state = "failed" if message.level >= checks.ERROR else "warning"
        yield Line(message.id or "check", state, str(message.msg), str(message.hint or ""))
    if not found:
        yield Line("configuration", "ok", "The system checks find nothing wrong.")


def parts() -> Iterator[Line]:
    for name, probe in probes.all_probes():
        finding = probe()
        detail = " ".join(filter(None, (finding.detail, finding.particulars)))
        yield Line(name, "ok" if finding.ok else "failed", detail, finding.remedy)


def secrets() -> Iterator[Line]:
    """Whether FIELD_KEYS reads what is stored: it does not after a restore with other keys."""
    if not settings.FIELD_KEYS:
        return  # the configuration says so
    try:
        locked = rotation.locked()
    except DatabaseError:
        return
    if not locked:
        yield Line("secrets", "ok", "FIELD_KEYS reads every stored secret.")
        return
    more = f" and {len(locked) - NAMED:,} more" if len(locked) > NAMED else ""
    words = f"No key of FIELD_KEYS reads the {', the '.join(locked[:NAMED])}{more}."
    yield Line("secrets", "failed", words, "Bring the lost key back, or enter them anew.")


def profile(path: Path | None) -> Iterator[Line]:
    """Whether a broker with this configuration keeps what arrives while no listener is connected."""
    if path is None:
        return
    try:
        found = our_checks.mosquitto_profile(path.read_text())
    except (OSError, UnicodeError) as error:
        yield Line(
            "mosquitto", "failed", f"{path} cannot be read: {error}.", "Name the configuration that it runs with."
        )
        return
    for message in found:
        yield Line(str(message.id), "warning", str(message.msg), str(message.hint))
    if not found:
        yield Line("mosquitto", "ok", f"{path} keeps what waits for us.")


def brokers() -> Iterator[Line]:
    """Whether each broker that should be spoken to accepts connections from here."""
    wanted = MqttConnection.objects.filter(is_active=True).order_by("site__name")
    try:
        rows = list(wanted.values_list("site__name", "broker_host", "broker_port"))
    except DatabaseError:
        return
    with ThreadPoolExecutor(BROKERS_AT_ONCE) as pool:
        yield from pool.map(lambda row: broker(*row), rows)


def broker(site: str, host: str, port: int) -> Line:
    name = f"broker of {site}"
    try:
        with socket.create_connection((host, port), BROKER_TIMEOUT_S):
            return Line(name, "ok", f"{host}:{port} accepts connections.")
    except (socket.gaierror, UnicodeError):
        return Line(name, "failed", f"The name {host} is not known.", "Correct the connection's broker host, or DNS.")
    except OSError as error:
        words = f"{host}:{port} does not accept connections: {error.strerror or error}."
        return Line(name, "failed", words, "Start the broker, correct host and port, or open the firewall.")
