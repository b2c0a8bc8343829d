"""What tests of notices share: a webhook that takes or refuses, a field with nothing wrong, and time that passes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from mqtt_app.alerting import notices
from mqtt_app.models import Delivery, Incident, LedgerMinute, MqttConnection, NoticeRule
from sites.models import Gateway
from tests import rows

SECRET = "planted-token-in-the-address"
CONNECTED = MqttConnection.Status.CONNECTED


class Service(ThreadingHTTPServer):
    """A webhook that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.status = 200
        self.told: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/{SECRET}"


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.told.append(body)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """It says nothing."""


@contextmanager
def listening() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sound() -> SimpleNamespace:
    """Where nothing is wrong."""
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    MqttConnection.objects.update(status=CONNECTED)
    return found


def watch(field: SimpleNamespace, service: Service) -> NoticeRule:
    """A rule that tells the service of every problem there is, after a minute."""
    names = ["connection", "device", "failures", "ledger"]
    return notices.add(field.site, False, name="mail", problems=names, address=service.address, delay_s=60)


def pass_time(seconds: float) -> None:
    """As if all that is known had happened so much earlier."""
    ago = timedelta(seconds=seconds)
    for model, names in (
        (Incident, ("began_at", "bad_since", "good_since", "ended_at")),
        (Delivery, ("created_at", "due_at")),
        (MqttConnection, ("status_since",)),
        (Gateway, ("status_since",)),
    ):
        for row in model.objects.all():
            for name in names:
                if getattr(row, name):
                    setattr(row, name, getattr(row, name) - ago)
            row.save()


def fall(field: SimpleNamespace) -> None:
    MqttConnection.objects.update(status="error", status_since=timezone.now())
