"""Publishes one message, as any device would: for trying things out where no other MQTT client is at hand."""

import json
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from project.environment import BASE_DIR
from project.local.home import Home

PATIENCE_S = 10.0


class Command(BaseCommand):
    """Returns when the broker has acknowledged the message."""

    help = "Publish one message over MQTT, like any device."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("topic")
        parser.add_argument("payload", help="text, or - to read standard input")
        parser.add_argument("--qos", type=int, choices=(0, 1, 2), default=1)
        parser.add_argument("--retain", action="store_true")
        parser.add_argument(
            "--mqtt-url", default="", help="mqtt://[user:password@]host:port; the running system's broker"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        url = options["mqtt_url"] or self.running_broker()
        payload = sys.stdin.buffer.read() if options["payload"] == "-" else options["payload"].encode()
        broker = urlsplit(url)
        client = Client(CallbackAPIVersion.VERSION2)
        if broker.username:
            client.username_pw_set(unquote(broker.username), unquote(broker.password or ""))
        try:
            client.connect(broker.hostname or "127.0.0.1", broker.port or 1883)
        except OSError as error:
            raise CommandError(f"No broker answers at {url}: {error}. Is the system running (make run)?") from error
        client.loop_start()
        message = client.publish(options["topic"], payload, options["qos"], options["retain"])
        message.wait_for_publish(PATIENCE_S)
        client.disconnect()
        client.loop_stop()
        if not message.is_published():
            raise CommandError(f"The broker at {url} did not take the message within {PATIENCE_S:.0f} s.")
        self.stdout.write(f"Published {len(payload)} bytes on {options['topic']}")

    def running_broker(self) -> str:
        """The broker of the system that runs in .data, or the usual address."""
        ready = Home.at(BASE_DIR / ".data").ready_file
        return str(json.loads(ready.read_text())["mqtt_url"]) if ready.exists() else "mqtt://127.0.0.1:1883"
