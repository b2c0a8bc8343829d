"""One network connection to one broker: the only place that knows paho.

A BrokerLink is opened once, blocking, in a pool; after that the listener's network thread alone drives it. It is never
reconnected: another attempt is another BrokerLink, so a late acknowledgement can only go where its message came from.
"""

import logging
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from mqtt_app import addresses, drops, tls
from mqtt_app.batching import Held
from mqtt_app.messages import Link
from mqtt_app.topics import is_filter, matches

logger = logging.getLogger(__name__)

KEEPALIVE_S = 45
CONNECT_TIMEOUT_S = 8.0
WINDOW = 1_000
"""Unacknowledged QoS 1 messages that a broker may have under way to us (MQTT 5 Receive Maximum)."""

SESSION_EXPIRY = timedelta(days=7)
"""How long a broker keeps our session, longer than the longest planned outage."""

MAXIMUM_PACKET = 1024 * 1024 + 64 * 1024  # bytes: a payload of 1 MiB, its topic and properties
PACKETS_AT_ONCE = 100
"""Packets read from one socket before the next one has its turn."""

REFUSED_CREDENTIALS = (0x86, 0x87)  # bad user name or password, not authorized; paho maps 3.1.1 to these too
TAKEN_OVER = 0x8E
INVALID_FILTER = 0x8F

DROPS = "$SYS/broker/publish/messages/dropped"
"""Where mosquitto counts what it dropped from full queues, for all its clients together."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What people want of a connection, as far as the wire is concerned. cover: filter → QoS, without overlap."""

    connection_id: int
    epoch: int
    host: str
    port: int
    client_id: str
    protocol: str
    username: str = field(repr=False, default="")
    password: str = field(repr=False, default="")
    use_tls: bool = False
    tls_verify: bool = True
    ca_certificate: str = field(repr=False, default="")
    client_certificate: str = field(repr=False, default="")
    client_key: str = field(repr=False, default="")
    private_allowed: bool = True
    """Whether the host may lead into a private network."""
    beacon: tuple[bytes, bytes, bytes] | None = None
    """Topic, and the payloads that say we are here and we are gone."""
    cover: Mapping[str, int] = field(default_factory=dict)

    @property
    def broker(self) -> str:
        """What a broker's session hangs on."""
        return f"{self.host}:{self.port} as {self.client_id}"


class Refused(Exception):
    """The broker answered CONNECT with a refusal. `code` is the MQTT 5 reason code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"The broker refused the connection: {words} (CONNACK 0x{code:02X}).")
        self.code = code


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What a link tells its listener, always in the network thread."""

    connected: Callable[["BrokerLink", bool], None]
    """The broker took us; the flag says whether it kept our session."""
    granted: Callable[["BrokerLink", dict[str, int]], None]
    """Answer to SUBSCRIBE: filter → granted QoS, 128 and above are refusals."""
    message: Callable[["BrokerLink", paho.MQTTMessage], Held]
    closing: Callable[["BrokerLink"], None]
    """paho is about to close the socket (any thread): the next one opened may get its descriptor."""
    published: Callable[[int], None] = lambda _: None
    """The broker has taken this order, or, at QoS 0, it is on its way."""


class Client(paho.Client):
    """paho's, except that a name is looked up once, and connected to only where it may lead."""

    private_allowed = True

    def _create_socket_connection(self) -> socket.socket:
        places = addresses.find(self._host, self._port, self.private_allowed)
        return addresses.connect(places, self._connect_timeout)


class BrokerLink:
    """One network connection. `link` is what its messages carry with them."""

    def __init__(self, wish: Wish, link: Link, known: frozenset[str], callbacks: Callbacks) -> None:
        self.wish = wish
        self.link = link
        self.known = known
        """Filters that the broker's session may still hold from before."""
        self.former = wish.broker
        """Whose session that was."""
        self.callbacks = callbacks
        self.is_connected = False
        self.failure: Exception | None = None
        """Why this link is over, when it is; its listener looks after each turn, and shuts it."""
        self.opened_at = 0.0
        """Monotonic seconds at which CONNECT was on its way."""
        self.heard_at = 0.0
        """When anything last came from the broker, seconds since 1970."""
        self.counters: list[drops.Counter] = []
        """What the broker said it dropped, the first and the newest, until somebody takes it from here."""
        self.is_asking = False
        """Whether it was asked for that counter and has not answered: some close the connection instead."""
        self._drops_mid: int | None = None
        self.received = 0
        self.is_due = False
        """Whether another turn of reading is arranged for."""
        self.unacknowledged: deque[Held] = deque()
        """QoS 1 messages in the order of arrival; they are acknowledged in that order [MQTT-4.6.0-2]."""
        self.is_settled = False
        """Whether something new is acknowledged: what the broker had sent before comes again ahead of it, or never."""
        self.outgoing: dict[int, int] = {}
        """Orders that the broker has not confirmed: packet id → order."""
        self._asked: dict[int, list[str]] = {}
        self._invalid: dict[str, int] = {}
        self._socket: socket.socket | None = None
        """The one connection this link ever has; paho forgets its own as soon as it fails."""
        self._client = self._build()

    def _build(self) -> paho.Client:
        wish = self.wish
        is_v5 = wish.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=wish.client_id,
            clean_session=None if is_v5 else False,
            protocol=paho.MQTTv5 if is_v5 else paho.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.private_allowed = wish.private_allowed
        if wish.username:
            client.username_pw_set(wish.username, wish.password or None)
        if wish.use_tls:
            client.tls_set_context(
                tls.context(wish.ca_certificate, wish.client_certificate, wish.client_key, wish.tls_verify)
            )
        if wish.beacon:
            client.will_set(wish.beacon[0].decode(), wish.beacon[2], qos=0)
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_close = lambda *_: self.callbacks.closing(self)
        return client

    def open(self) -> None:
        """Look up, connect, shake hands, send CONNECT. Blocks up to CONNECT_TIMEOUT_S for each. Raises OSError."""
        arguments: dict[str, Any] = {}
        if self.wish.protocol == "5":
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = int(SESSION_EXPIRY.total_seconds())
            properties.ReceiveMaximum = WINDOW
            properties.MaximumPacketSize = MAXIMUM_PACKET
            arguments = {"clean_start": False, "properties": properties}
        try:
            self._client.connect(self.wish.host, self.wish.port, KEEPALIVE_S, **arguments)
        except ssl.SSLError:
            raise
        except ValueError as error:  # paho's word for a host or port that cannot be
            raise OSError(str(error)) from error
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
        """Ask for these filters, then let go of what the session holds beyond them.

        In this order: while the old and the new overlap a message may come twice, the other way round it would be lost.
        """
        surplus = sorted(one for one in self.known - set(cover) if is_filter(one))
        self.known = frozenset(cover)
        self._invalid = {one: INVALID_FILTER for one in cover if not is_filter(one)}
        filters = sorted(set(cover) - set(self._invalid))
        if filters:
            self._ask(filters, cover)
        elif self._invalid:
            self.callbacks.granted(self, self._invalid)
        if surplus:
            self._client.unsubscribe(surplus)

    def _ask(self, filters: list[str], cover: Mapping[str, int]) -> None:
        if self.wish.protocol == "5":
            # Retained messages are sent once for a new subscription, not again at each reconnect.
            options = [(one, SubscribeOptions(qos=cover[one], retainHandling=1)) for one in filters]
            _, mid = self._client.subscribe(options)
        else:
            _, mid = self._client.subscribe([(one, cover[one]) for one in filters])
        if mid is not None:
            self._asked[mid] = filters

    def count_drops(self) -> None:
        """Ask for the broker's counter of what it dropped, beside the cover; a refusal is no trouble.

        Nothing of it is a message of the field: it has no fate, and the ledger does not count it.
        """
        if not self._brings_drops:
            options = SubscribeOptions() if self.wish.protocol == "5" else None
            _, self._drops_mid = self._client.subscribe(DROPS, 0, options)
            self.is_asking = self._drops_mid is not None
        elif DROPS not in self.known:
            self._client.unsubscribe(DROPS)  # from before: it would come twice

    @property
    def _brings_drops(self) -> bool:
        """Whether somebody has that topic among the connection's own: then it is a message as any other, too."""
        return any(matches(one, DROPS) for one in self.known)

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
        while self.unacknowledged and self.unacknowledged[0].is_committed:
            held = self.unacknowledged.popleft()
            if not held.message.dup:
                self.is_settled = True
            if not self.failure:
                self._client.ack(held.message.mid, held.message.qos)

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
                else "Does this port want TLS, or another version of MQTT?"
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
        if mid == self._drops_mid:
            self.is_asking, self._drops_mid = False, None
            return
        filters = self._asked.pop(mid, [])
        answers = {one: code.value for one, code in zip(filters, codes, strict=False)}
        self.callbacks.granted(self, answers | self._invalid)

    def _on_publish(self, _client: Any, _data: Any, mid: int, _code: ReasonCode, _properties: Any) -> None:
        if (order := self.outgoing.pop(mid, None)) is not None:
            self.callbacks.published(order)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.value == TAKEN_OVER:
            self._fail(TakenOver("Another client connected with our client id and took our session."))
        else:
            self._lose(str(code))

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self.received += 1
        if message._topic == DROPS.encode():
            self._hear_drops(bytes(message.payload))
            if not message.qos and not self._brings_drops:
                return
        held = self.callbacks.message(self, message)
        if message.qos:
            self.unacknowledged.append(held)

    def _hear_drops(self, payload: bytes) -> None:
        if (value := drops.read(payload)) is not None:
            self.counters[1:] = [drops.Counter(value, time.time())]


class TakenOver(ConnectionError):
    """Another client uses our client id; the broker gave it our session."""


def in_words(error: BaseException) -> str:
    """Why a connection failed, for the person who has to mend it."""
    match error:
        case socket.gaierror():
            return "The broker's host name cannot be resolved."
        case ConnectionRefusedError():
            return "Nothing listens at the broker's address and port."
        case ssl.SSLError():
            return tls.in_words(error)
        case TimeoutError():
            return "The broker did not answer in time."
        case _:
            return str(error) or type(error).__name__
