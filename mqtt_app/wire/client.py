"""paho's client as we want it: made of a wish, quick where messages pour in, and what it says in CONNECT."""

import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from mqtt_app.messages import Message, Publication
from mqtt_app.wire import addresses, tls
from mqtt_app.wire.wish import Wish

KEEPALIVE_S = 45
CONNECT_TIMEOUT_S = 8.0
WINDOW = 1_000
"""Unacknowledged QoS 1 messages that a broker may have under way to us (MQTT 5 Receive Maximum)."""

SESSION_EXPIRY = timedelta(days=7)
"""How long a broker keeps our session, longer than the longest planned outage."""

MAXIMUM_PACKET = 1024 * 1024 + 64 * 1024  # bytes: a payload of 1 MiB, its topic and properties


PUBACK, PUBCOMP = 0x40, 0x70
_answer = struct.Struct("!BBH").pack
_number = struct.Struct("!H").unpack_from


class Client(paho.Client):
    """paho's, except that a name is looked up once, and connected to only where it may lead.

    It takes and acknowledges messages with less effort: paho makes a lock for each, tables of all properties and a line
    for a log, which is ten times as much work, and writes each acknowledgement by itself.
    """

    private_allowed = True
    taken: Callable[[Publication], None]
    """Called with each message; what it raises goes through to whoever reads."""

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Acknowledge messages of QoS 1 or 2, in this order, in one write."""
        if packets := b"".join([_answer(PUBACK if one.qos == 1 else PUBCOMP, 2, one.mid) for one in messages]):
            self._packet_queue(PUBACK, packets, 0, 1)

    def _handle_publish(self) -> MQTTErrorCode:
        publication = plain(self._in_packet["command"], self._in_packet["packet"], self._protocol == paho.MQTTv5)
        if publication is None:
            return super()._handle_publish()
        self.taken(publication)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _create_socket_connection(self) -> socket.socket:
        places = addresses.find(self._host, self._port, self.private_allowed)
        return addresses.connect(places, self._connect_timeout)


def plain(header: int, packet: bytearray, is_v5: bool) -> Publication | None:
    """A PUBLISH as nearly all are: well formed, of QoS 0 or 1, without properties. None: paho has to look at it.

    header: the first byte. packet: everything after the fixed header [MQTT-3.3.2, MQTT-3.3.3].
    """
    qos, size = header >> 1 & 3, len(packet)
    if qos > 1 or size < 2:
        return None
    end = 2 + _number(packet)[0]
    start = end + 2 * qos + is_v5  # v5: a byte says how long its properties are
    if end == 2 or size < start or (is_v5 and packet[start - 1]):
        return None
    mid = _number(packet, end)[0] if qos else 0
    return Publication(mid, qos, bool(header & 8), bool(header & 1), bytes(packet[2:end]), bytes(packet[start:]))


def build(wish: Wish) -> Client:
    """One that acknowledges nothing by itself and never reconnects; its callbacks are still to be set."""
    is_v5 = wish.protocol == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=wish.client_id,
        clean_session=None if is_v5 else False,
        protocol=paho.MQTTv5 if is_v5 else paho.MQTTv311,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    client.on_message = lambda _client, _data, one: client.taken(
        Publication(one.mid, one.qos, one.dup, one.retain, one._topic, bytes(one.payload))
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
    return client


def connect(client: Client, wish: Wish) -> None:
    """Look up, connect, shake hands, send CONNECT. Blocks up to CONNECT_TIMEOUT_S for each. Raises OSError."""
    arguments: dict[str, Any] = {}
    if wish.protocol == "5":
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = int(SESSION_EXPIRY.total_seconds())
        properties.ReceiveMaximum = WINDOW
        properties.MaximumPacketSize = MAXIMUM_PACKET
        arguments = {"clean_start": False, "properties": properties}
    try:
        client.connect(wish.host, wish.port, KEEPALIVE_S, **arguments)
    except ssl.SSLError:
        raise
    except ValueError as error:  # paho's word for a host or port that cannot be
        raise OSError(str(error)) from error
