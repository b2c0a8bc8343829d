"""Whether every part of a started system has done its work once."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from project.local import ports

PULSES = {"ingest worker": "canary:ingest", "control worker": "canary:control", "first reconcile": "reconcile"}


class Readiness:
    """Asks the web process and the database. since: the database's clock when the start began."""

    def __init__(self, url: str, flower_port: int, database_url: str, fleet: Sequence[str]) -> None:
        """fleet: slugs of the sites of which a message must have been stored; none where there is no fleet."""
        self._url, self._flower_port, self._database_url, self._fleet = url, flower_port, database_url, list(fleet)
        with psycopg.connect(database_url) as connection:
            self.since: datetime = _first(connection, "SELECT clock_timestamp()", [])

    def done(self) -> set[str]:
        """The parts that have answered."""
        found = self._in_database()
        if ports.answers(self._flower_port):
            found.add("Flower")
        if self._web_answers():
            found.add("web")
        return found

    def _in_database(self) -> set[str]:
        statement = "SELECT at >= %s FROM mqtt_app_pulse WHERE name = %s"
        try:
            with psycopg.connect(self._database_url, connect_timeout=5) as connection:
                found = {part for part, pulse in PULSES.items() if _first(connection, statement, [self.since, pulse])}
                if self._fleet and self._has_stored(connection):
                    found.add("first message stored")
        except psycopg.OperationalError:  # it restarts; the supervisor says so
            return set()
        return found

    def parts(self) -> list[str]:
        """Everything that is awaited."""
        return [*PULSES, "web", *(["first message stored"] if self._fleet else []), "Flower"]

    def _has_stored(self, connection: psycopg.Connection[Any]) -> bool:
        """Over MQTT: the ledger knows nothing of the past that is told to a new fleet's sites before."""
        statement = """
            SELECT EXISTS (
                SELECT FROM sites_sensor AS sensor
                JOIN sites_datalogger AS datalogger ON datalogger.id = sensor.datalogger_id
                JOIN sites_site AS site ON site.id = datalogger.site_id
                JOIN mqtt_app_mqttconnection AS connection ON connection.site_id = site.id
                JOIN mqtt_app_ledgerminute AS ledger ON ledger.connection_id = connection.id
                WHERE site.slug = ANY(%s) AND sensor.latest_received_at >= %s
                AND ledger.minute >= date_trunc('minute', %s::timestamptz) AND ledger.stored > 0)
        """
        return bool(_first(connection, statement, [self._fleet, self.since, self.since]))

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/readyz", timeout=2) as answer:  # noqa: S310  # nosec B310  # our own address
                return bool(answer.status == 200)
        except OSError:  # URLError and its kin
            return False


def _first(connection: psycopg.Connection[Any], statement: LiteralString, values: Sequence[Any]) -> Any:
    row = connection.execute(statement, values).fetchone()
    return row[0] if row else None
