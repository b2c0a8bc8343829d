"""Encrypt every stored secret anew with the first key of FIELD_KEYS, so that older keys may be taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mqtt_app.upkeep import rotation
from sites import audit


class Command(BaseCommand):
    """`manage.py rotate_field_keys`, after the new key was put first. Exit status 1 when a secret cannot be read."""

    help = __doc__ or ""

    def handle(self, *_: Any, **__: Any) -> None:
        audit.speak_as("rotate_field_keys")
        try:
            found = rotation.rotate()
        finally:
            audit.be_silent()
        self.stdout.write(f"{found.rotated} secrets encrypted anew, {found.current} were already under the first key.")
        if found.locked:
            lost = ", ".join(found.locked)
            raise CommandError(
                f"No key of FIELD_KEYS reads these; bring the lost key back, or enter them anew: {lost}."
            )
