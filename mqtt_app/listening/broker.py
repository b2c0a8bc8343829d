"""One network connection to one broker.

A BrokerLink is opened once, blocking, in a pool; after that the listener's network thread alone drives it. It is never
reconnected: another attempt is another BrokerLink, so a late acknowledgement can only go where its message came from.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from mqtt_app.listening.batching import Held
from mqtt_app.messages import Link, Message, Publication
from mqtt_app.wire import client, tls
from mqtt_app.wire.client import MAXIMUM_PACKET
from mqtt_app.wire.refusals import TAKEN_OVER, Refused, TakenOver
from mqtt_app.wire.subscriptions import Subscriptions
from mqtt_app.wire.wish import Wish

PACKETS_AT_ONCE = 100
"""Packets read from one socket before the next one has its turn."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What a link tells its listener, always in the network thread."""

    connected: Callable[["BrokerLink", bool], None]
    """The broker took us; the flag says whether it kept our session."""
    granted: Callable[["BrokerLink", dict[str, int]], None]
    """Answer to SUBSCRIBE: filter → granted QoS, 128 and above are refusals."""
    message: Callable[["BrokerLink", Publication], Held]
    closing: Callable[["BrokerLink"], None]
    """paho is about to close the socket (any thread): the next one opened may get its descriptor."""
    published: Callable[[int], None] = lambda _: None
    """The broker has taken this order, or, at QoS 0, it is on its way."""


class BrokerLink:
    """One network connection. `link` is what its messages carry with them."""

    def __init__(self, wish: Wish, link: Link, known: frozenset[str], callbacks: Callbacks) -> None:
        self.wish = wish
        self.link = link
        self.former = wish.broker
        """Whose session it is that we expect."""
        self.callbacks = callbacks
        self.is_connected = False
        self.failure: Exception | None = None
        """Why this link is over, when it is; its listener looks after each turn, and shuts it."""
        self.opened_at = 0.0
        """Monotonic seconds at which CONNECT was on its way."""
        self.heard_at = 0.0
        """When anything last came from the broker, seconds since 1970."""
        self.received = 0
        self.is_due = False
        """Whether another turn of reading is arranged for."""
        self.unacknowledged: deque[Held] = deque()
        """QoS 1 messages in the order of arrival; they are acknowledged in that order [MQTT-4.6.0-2]."""
        self.is_settled = False
        """Whether something new is acknowledged: what the broker had sent before comes again ahead of it, or never."""
        self.outgoing: dict[int, int] = {}
        """Orders that the broker has not confirmed: packet id → order."""
        self._socket: socket.socket | None = None
        """The one connection this link ever has; paho forgets its own as soon as it fails."""
        self._client = self._built()
        self.subscriptions = Subscriptions(self._client, wish.protocol, known)

    def _built(self) -> client.Client:
        one = client.build(self.wish)
        one.on_socket_open = self._on_socket_open
        one.on_connect = self._on_connect
        one.on_subscribe = self._on_subscribe
        one.on_disconnect = self._on_disconnect
        one.taken = self._taken
        one.on_publish = self._on_publish
        one.on_socket_close = lambda *_: self.callbacks.closing(self)
        return one

    def open(self) -> None:
        """Connect and send CONNECT, blocking. Raises OSError, and what a broker's hanging up at once comes to."""
        client.connect(self._client, self.wish)
        if self.failure:  # CONNECT found the socket closed already, and paho let go of it
            raise self.failure
        self.opened_at = time.monotonic()

    def fileno(self) -> int:
        """The socket's descriptor, -1 when there is none."""
        connection = self._client.socket()
        return -1 if connection is None else connection.fileno()

    @property
    def wants_write(self) -> bool:
        return self._client.want_write()

    def read(self) -> None:
        """Take what has arrived, a fair share of it."""
        self.heard_at = time.time()
        for _ in range(PACKETS_AT_ONCE):
            before = self.received
            self._do(self._client.loop_read())
            self._refuse_oversized()
            if self.failure or (self.received == before and not self.has_pending):
                break
        self.write()

    def _refuse_oversized(self) -> None:
        """An MQTT 5 broker was told how much we take: more is a breach of protocol, and would fill the memory.

        A 3.1.1 broker cannot be told. Left, it would send the same message again for ever; so it is taken.
        """
        size = self._client._in_packet["remaining_length"]
        if self.wish.protocol == "5" and size > MAXIMUM_PACKET:
            self._fail(ConnectionError(f"The broker sends a packet of {size} bytes; it was told {MAXIMUM_PACKET}."))

    @property
    def has_pending(self) -> bool:
        """Whether TLS has decrypted bytes that are not read yet: no selector will tell of them."""
        connection = self._client.socket()
        return isinstance(connection, ssl.SSLSocket) and connection.pending() > 0

    def write(self) -> None:
        if not self.failure and self._client.want_write():
            self._do(self._client.loop_write())

    def tick(self) -> None:
        """Once a second: keepalive."""
        if not self.failure:
            self._do(self._client.loop_misc())

    def in_session(self, session: int) -> None:
        """What comes from now on belongs to this session of the broker."""
        self.link = self.link._replace(session=session)

    def subscribe(self, cover: Mapping[str, int]) -> None:
        """Ask for these filters and for no others; the answer comes as `granted`."""
        if refused := self.subscriptions.change(cover):
            self.callbacks.granted(self, refused)

    def publish(self, topic: bytes, payload: bytes) -> None:
        self._client.publish(topic.decode(), payload, qos=0)

    def send(self, order: int, topic: bytes, payload: bytes, qos: int, retain: bool) -> bool:
        """Publish once; the broker's confirmation comes back as `published`. False: nothing was sent."""
        if not self.is_connected or self.failure:
            return False
        sent = self._client.publish(topic.decode(), payload, qos, retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        if qos:
            self.outgoing[sent.mid] = order
        else:
            self.callbacks.published(order)
        return True

    def committed(self) -> None:
        """Acknowledge every message whose fate, and that of all before it, is committed."""
        due: list[Message] = []
        while self.unacknowledged and self.unacknowledged[0].is_committed:
            due.append(self.unacknowledged.popleft().message)
        self.is_settled |= not all(message.dup for message in due)
        if not self.failure:
            self._client.acknowledge(due)

    def shut(self) -> None:
        """Say goodbye and let go of the socket; the broker keeps the session. Never from within a callback."""
        self.failure = self.failure or ConnectionError("The connection was closed.")
        self._client.disconnect()
        if connection := self._client.socket():
            connection.close()

    def _do(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._lose(paho.error_string(code))

    def _lose(self, reason: str) -> None:
        """paho says only that the connection is gone; what TLS said, and how far we had come, tells more."""
        alert = self._socket.alert if isinstance(self._socket, tls.TlsSocket) else None
        if self.is_connected:
            words = f"The connection was lost: {reason}"
        else:
            asked = (
                "Does it ask for a client certificate?"
                if self.wish.use_tls
                else "Does this port want TLS, or another version of MQTT? The connection's settings have both."
            )
            words = f"The broker closed the connection before it answered. {asked}"
        self._fail(alert or ConnectionError(words))

    def _fail(self, error: Exception) -> None:
        self.failure = self.failure or error

    def _on_socket_open(self, _client: Any, _data: Any, connection: Any) -> None:
        self._socket = connection

    def _on_connect(
        self, _client: Any, _data: Any, flags: paho.ConnectFlags, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._fail(Refused(code.value, str(code)))
            return
        self.is_connected = True
        self.callbacks.connected(self, flags.session_present)

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, codes: list[ReasonCode], _properties: Any) -> None:
        if (answers := self.subscriptions.answered(mid, codes)) is not None:
            self.callbacks.granted(self, answers)

    def _on_publish(self, _client: Any, _data: Any, mid: int, _code: ReasonCode, _properties: Any) -> None:
        if (order := self.outgoing.pop(mid, None)) is not None:
            self.callbacks.published(order)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.value == TAKEN_OVER:
            self._fail(TakenOver("Another client connected with our client id and took our session."))
        else:
            self._lose(str(code))

    def _taken(self, message: Publication) -> None:
        self.received += 1
        if self.subscriptions.hear(message):
            return
        held = self.callbacks.message(self, message)
        if message.qos:
            self.unacknowledged.append(held)
