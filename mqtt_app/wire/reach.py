"""Can this broker be spoken to? Five steps, each with its time and its outcome in words.

It tries what a listener would do, under a client id and a session of its own, and takes no message.
"""

import secrets
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from datetime import datetime
from socket import socket
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from cryptography import x509
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from mqtt_app.models import CLIENT_ID_LIMIT
from mqtt_app.wire import addresses, tls
from mqtt_app.wire.refusals import Refused, in_words
from mqtt_app.wire.wish import Wish

STEPS = ("dns", "tcp", "tls", "connect", "subscribe")
STEP_S = 5.0
POLL_S = 0.1


class Step(NamedTuple):
    """state: ok, failed, skipped."""

    name: str
    state: str
    took_ms: float
    words: str


class Reached(NamedTuple):
    ok: bool
    steps: list[Step]
    certificate_expires_at: datetime | None


def reach(wish: Wish, steps: tuple[str, ...] = STEPS) -> Reached:
    """Takes at most STEP_S for each step; what comes after a failure is skipped."""
    attempt, taken, is_broken = Attempt(wish), list[Step](), False
    try:
        for name in steps:
            if is_broken or (name == "tls" and not wish.use_tls):
                taken.append(Step(name, "skipped", 0.0, "" if is_broken else "This connection uses no TLS."))
                continue
            taken.append(_take(name, getattr(attempt, name)))
            is_broken = taken[-1].state == "failed"
    finally:
        attempt.close()
    return Reached(not is_broken, taken, attempt.certificate_expires_at)


def _take(name: str, step: Callable[[], str]) -> Step:
    began = time.perf_counter()
    try:
        state, words = "ok", step()
    except (OSError, ValueError, Refused) as error:
        state, words = "failed", in_words(error)
    return Step(name, state, round((time.perf_counter() - began) * 1_000, 1), words)


class Given(paho.Client):
    """A client on a connection that is there already."""

    given: socket

    def _create_socket(self) -> socket:
        return self.given


class Attempt:
    """One try. Each step stands on the one before, and says what it found."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._places: Any = ()
        self._socket: socket | None = None
        self._client: Given | None = None
        self._connack: ReasonCode | None = None
        self._suback: list[ReasonCode] | None = None
        self.certificate_expires_at: datetime | None = None

    def dns(self) -> str:
        pool = ThreadPoolExecutor(1)  # a resolver has its own idea of how long to wait
        try:
            asked = pool.submit(addresses.find, self._wish.host, self._wish.port, self._wish.private_allowed)
            self._places = asked.result(STEP_S)
        except Late as error:
            raise OSError(f"The name was not resolved within {STEP_S:.0f} s.") from error
        finally:
            pool.shutdown(wait=False)
        return ", ".join(dict.fromkeys(str(place.at[0]) for place in self._places))

    def tcp(self) -> str:
        self._socket = addresses.connect(self._places, STEP_S / len(self._places))
        return f"Connected to {self._socket.getpeername()[0]}, port {self._wish.port}."

    def tls(self) -> str:
        wish = self._wish
        context = tls.context(wish.ca_certificate, wish.client_certificate, wish.client_key, wish.tls_verify)
        assert self._socket is not None
        self._socket = wrapped = context.wrap_socket(
            self._socket, server_hostname=wish.host, do_handshake_on_connect=False
        )
        wrapped.do_handshake()
        said = x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")
        self.certificate_expires_at = said.not_valid_after_utc
        name = said.subject.rfc4514_string() or "a certificate without a name"
        checked = "" if wish.tls_verify else " It is not checked."
        return f"{wrapped.version()}, {name}, valid until {said.not_valid_after_utc:%Y-%m-%d}.{checked}"

    def connect(self) -> str:
        wish = self._wish
        client_id = f"fl-test-{secrets.token_hex(8)}"[:CLIENT_ID_LIMIT]
        version = paho.MQTTv5 if wish.protocol == "5" else paho.MQTTv311
        self._client = client = Given(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=version)
        assert self._socket is not None
        client.given = self._socket
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        if wish.username:
            client.username_pw_set(wish.username, wish.password or None)
        client.connect(wish.host, wish.port)
        self._await(lambda: self._connack is not None, "CONNECT")
        assert self._connack is not None
        if self._connack.is_failure:
            raise Refused(self._connack.value, str(self._connack))
        return "The broker took us" + (f" as {wish.username}." if wish.username else " without a name.")

    def subscribe(self) -> str:
        filters = sorted(self._wish.cover.items())
        if not filters:
            return "The connection has no topic yet."
        assert self._client is not None
        self._client.subscribe(filters)
        self._await(lambda: self._suback is not None, "SUBSCRIBE")
        refused = [one for (one, _), code in zip(filters, self._suback or (), strict=False) if code.is_failure]
        if refused:
            raise OSError(f"The broker refuses these topics: {', '.join(refused)}.")
        return f"Granted: {', '.join(one for one, _ in filters)}."

    def hear(self, take: Callable[[Any, Any, Any], None]) -> None:
        """From now on each message is handed to take(client, data, message)."""
        assert self._client is not None
        self._client.on_message = take

    def turn(self, seconds: float) -> None:
        """Read what arrives for so long. Raises OSError once the broker has hung up."""
        assert self._client is not None
        if code := self._client.loop(seconds):
            raise OSError(f"The broker closed the connection ({paho.error_string(code).rstrip('.')}).")

    def _await(self, answered: Callable[[], bool], asked: str) -> None:
        deadline = time.monotonic() + STEP_S
        while not answered():
            if time.monotonic() > deadline:
                raise TimeoutError(f"The broker did not answer {asked} within {STEP_S:.0f} s.")
            assert self._client is not None
            if (code := self._client.loop(POLL_S)) and not answered():
                alert = self._socket.alert if isinstance(self._socket, tls.TlsSocket) else None
                if isinstance(alert, ssl.SSLError):
                    raise alert
                reason = paho.error_string(code).rstrip(".")
                raise OSError(f"The broker closed the connection instead of answering {asked} ({reason}).")

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        self._connack = code

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any) -> None:
        self._suback = codes

    def close(self) -> None:
        if self._client is not None and self._connack is not None:
            self._client.disconnect()
            self._client.loop(POLL_S)
        if self._socket is not None:
            self._socket.close()
