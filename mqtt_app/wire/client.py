"""paho's client as we want it: how it is made of a wish, and what it says in CONNECT."""

import socket
import ssl
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from mqtt_app.wire import addresses, tls
from mqtt_app.wire.wish import Wish

KEEPALIVE_S = 45
CONNECT_TIMEOUT_S = 8.0
WINDOW = 1_000
"""Unacknowledged QoS 1 messages that a broker may have under way to us (MQTT 5 Receive Maximum)."""

SESSION_EXPIRY = timedelta(days=7)
"""How long a broker keeps our session, longer than the longest planned outage."""

MAXIMUM_PACKET = 1024 * 1024 + 64 * 1024  # bytes: a payload of 1 MiB, its topic and properties


class Client(paho.Client):
    """paho's, except that a name is looked up once, and connected to only where it may lead."""

    private_allowed = True

    def _create_socket_connection(self) -> socket.socket:
        places = addresses.find(self._host, self._port, self.private_allowed)
        return addresses.connect(places, self._connect_timeout)


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
