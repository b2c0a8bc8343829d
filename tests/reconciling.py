"""What tests of reconcile share: a listener, what it reports, who holds a connection, and who has been silent."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from mqtt_app import connection_events
from mqtt_app.listening import lease
from mqtt_app.messages import StatusReport
from mqtt_app.models import Listener, MqttConnection


def listener(name: str = "one", capacity: int = 10) -> int:
    return lease.register(name, capacity)


def holder(connection: MqttConnection) -> tuple[str | None, int]:
    connection.refresh_from_db()
    return (connection.listener.name if connection.listener else None), connection.epoch


def silent_for(name: str, seconds: float) -> None:
    """Turn the clocks of a listener back: it was last heard, and suspected, so much earlier."""
    gone = timedelta(seconds=seconds)
    Listener.objects.filter(name=name).update(heartbeat=Now() - gone)
    Listener.objects.filter(name=name, suspected_at__isnull=False).update(suspected_at=F("suspected_at") - gone)


def report(connection: MqttConnection, epoch: int, sequence: int, status: str, **more: object) -> None:
    connection_events.record([StatusReport(connection.pk, epoch, sequence, status, 1.0, **more)], [])  # type: ignore[arg-type]
    connection.refresh_from_db()
