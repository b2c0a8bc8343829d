"""What would become of messages, without keeping anything of them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mqtt_app.authoring import scratch
from mqtt_app.authoring.scratch import Specimen


class Command(BaseCommand):
    """`manage.py parse`. The messages are read in their order at a site of their own, which is rolled back."""

    help = f"{__doc__} They go through the data path in their order, at a site that is rolled back afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--corpus",
            type=Path,
            required=True,
            metavar="FILE",
            help="one JSON object a line: topic, payload_b64 or payload, and perhaps id and retain",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line, with every reading")
        parser.add_argument("--timezone", default="UTC", help="of the site, for times without a zone (default: UTC)")

    def handle(self, *_: Any, **options: Any) -> None:
        entries = list(_entries(options["corpus"]))
        specimens = [_specimen(entry) for entry in entries]
        with scratch.site(options["timezone"]) as connection:
            for entry, result in zip(entries, scratch.read(connection, specimens), strict=True):
                line = {"id": entry.get("id"), "topic": entry["topic"], **result}
                self.stdout.write(json.dumps(line, ensure_ascii=False) if options["json"] else _in_words(line))


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """Raises CommandError naming the line that is wrong."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            _specimen(entry)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(f"{path}, line {number}: a message needs a topic and payload_b64 or payload.") from error
        yield entry


def _specimen(entry: dict[str, Any]) -> Specimen:
    payload = (
        base64.b64decode(entry["payload_b64"], validate=True) if "payload_b64" in entry else entry["payload"].encode()
    )
    return Specimen(entry["topic"].encode(), payload, bool(entry.get("retain")))


def _in_words(line: dict[str, Any]) -> str:
    readings = sum(len(device["readings"]) for device in line["devices"])
    names = ", ".join(device["serial"] for device in line["devices"]) or "nobody"
    words = f"{line['fate']:12} {line['parser'] or '-':24} {line['topic']}: {names}, {readings} readings"
    return f"{words}; {line['error']}" if line["error"] else words
