"""Errors go to Sentry, or any server that speaks its protocol, when SENTRY_DSN is set: from every process alike.

What leaves is where something broke, never what it was about: no bodies, no local variables, no passwords, no payloads.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from mqtt_app import context

if TYPE_CHECKING:
    from sentry_sdk.types import Event

IGNORED_LOGGERS = ("mqtt_app.parsing",)  # quotes what arrived; has a table and a file of its own
SECRET_WORDS = (
    "query_string",
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "payload",
    "client_key",
    "field_keys",
    "dsn",
)
REMOVED = "[removed]"
QUOTES = (
    (re.compile(r"(?s)input_value=.*?, input_type="), f"input_value={REMOVED}, input_type="),  # pydantic
    (re.compile(r"(?s)\bDETAIL:.*"), f"DETAIL: {REMOVED}"),  # PostgreSQL shows the failing row
    (re.compile(r"://[^/@\s]*@"), f"://{REMOVED}@"),  # user and password in an address
)
"""Where other people's error messages repeat what they were given."""
DEPTH_LIMIT = 20  # of nested data; what lies deeper is cut, not searched


def start(**_: object) -> None:
    """Does nothing without SENTRY_DSN. Celery calls it with a signal's arguments, which do not matter."""
    if not settings.SENTRY_DSN:
        return
    # Imported by those who use it: it takes as long as a tenth of a process' start.
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger

    for name in IGNORED_LOGGERS:
        ignore_logger(name)
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        release=settings.RELEASE,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration(), LoggingIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        profiles_sample_rate=0.0,
        before_send=_before_send,
        before_breadcrumb=lambda crumb, _hint: scrub(crumb),
    )


def _before_send(event: "Event", _hint: dict[str, Any]) -> "Event":
    scrubbed = cast("Event", scrub(event))
    scrubbed["tags"] = {
        **dict(scrubbed.get("tags") or {}),
        **{f"{name}_id": one for name, one in context.ids().items()},
    }
    return scrubbed


def scrub(value: Any, depth: int = 0) -> Any:
    """`value` without what stands under a name that smells of secrets, and without bytes: those are payloads."""
    if depth > DEPTH_LIMIT or isinstance(value, bytes | bytearray | memoryview):
        return REMOVED
    if isinstance(value, Mapping):
        return {name: REMOVED if _is_secret(name) else scrub(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(inner, depth + 1) for inner in value]
    if isinstance(value, str):
        for quote, replacement in QUOTES:
            value = quote.sub(replacement, value)
    return value


def _is_secret(name: Any) -> bool:
    return any(word in str(name).lower() for word in SECRET_WORDS)
