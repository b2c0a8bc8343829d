"""Sending words to people, by whatever way apprise knows: the only place that knows apprise.

It is imported by those who send, because it is big and every process would load it.
"""

import logging
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from mqtt_app.wire import addresses

logger = logging.getLogger(__name__)

HERE_ONLY = {"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
"""Ways that end on this very machine."""

UNKNOWN = "This is no address that can be sent to. Examples: mailto://user:password@example.org, tgram://token/chat."
NOT_REACHED = "This service cannot be reached from here: name a host on the public internet."


class NotSent(Exception):
    """Why, without anything of the address."""


def service(address: str, private_allowed: bool) -> str:
    """The name of the service behind an address. Raises ValidationError for one that cannot, or may not, be used."""
    import apprise

    found = apprise.Apprise.instantiate(address)
    if not isinstance(found, apprise.NotifyBase):
        raise ValidationError({"address": UNKNOWN})
    if {*_names(found.protocol), *_names(found.secure_protocol)} & HERE_ONLY:
        raise ValidationError({"address": UNKNOWN})
    templates: Iterable[str] = found.templates or ()
    if not private_allowed and any("{host}" in template for template in templates):
        try:
            addresses.find(str(found.host), 0, private_allowed=False)
        except OSError as error:
            raise ValidationError({"address": NOT_REACHED}) from error
    return str(found.service_name)


def _names(found: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found or ()


def send(address: str, title: str, body: str) -> None:
    """Takes some seconds at most. Raises NotSent."""
    import apprise

    sender = apprise.Apprise(address)
    with apprise.LogCapture(level=logging.WARNING) as said:  # type: ignore[no-untyped-call]
        sent = sender.notify(body=body, title=title)
        words = said.getvalue()
    if not sent:
        raise NotSent(
            _without(words.strip().splitlines()[-1] if words.strip() else "The service did not take it.", address)
        )


def _without(words: str, address: str) -> str:
    """No part of an address that could be a secret."""
    for part in sorted(re.split(r"[^\w.-]+", address), key=len, reverse=True):
        if len(part) > 3:
            words = words.replace(part, "…")
    return words[:200]
