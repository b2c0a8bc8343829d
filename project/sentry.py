"""Errors go to Sentry, or any server that speaks its protocol, when SENTRY_DSN is set: from every process alike.

What leaves is where something broke, never what it was about: no bodies, no local variables, no passwords, no payloads.
"""

from collections.abc import Mapping
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event

from project.environment import environment

SECRET_WORDS = (
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
DEPTH_LIMIT = 20  # of nested data; what lies deeper is cut, not searched


def start() -> None:
    """Safe to call in every process, once; does nothing without SENTRY_DSN."""
    dsn = environment.sentry_dsn.get_secret_value()
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        environment=environment.sentry_environment,
        integrations=[DjangoIntegration(), CeleryIntegration(), LoggingIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        profiles_sample_rate=0.0,
        before_send=_before_send,
        before_breadcrumb=lambda crumb, _hint: scrub(crumb),
    )


def _before_send(event: Event, _hint: dict[str, Any]) -> Event:
    return cast("Event", scrub(event))


def scrub(value: Any, depth: int = 0) -> Any:
    """`value` without what stands under a name that smells of secrets, and without bytes: those are payloads."""
    if depth > DEPTH_LIMIT or isinstance(value, bytes | bytearray | memoryview):
        return REMOVED
    if isinstance(value, Mapping):
        return {name: REMOVED if _is_secret(name) else scrub(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(inner, depth + 1) for inner in value]
    return value


def _is_secret(name: Any) -> bool:
    return any(word in str(name).lower() for word in SECRET_WORDS)
