"""How a broker says no, and why a connection failed in words for whoever has to mend it."""

import socket
import ssl

from mqtt_app.wire import tls

REFUSED_CREDENTIALS = (0x86, 0x87)  # bad user name or password, not authorized; paho maps 3.1.1 to these too
TAKEN_OVER = 0x8E
UNSUPPORTED_VERSION = 0x84  # what a broker of MQTT 3.1.1 answers to MQTT 5, as paho puts it
OTHER_VERSION = "Choose the other version of MQTT for this connection."


class Refused(Exception):
    """The broker answered CONNECT with a refusal. `code` is the MQTT 5 reason code."""

    def __init__(self, code: int, words: str) -> None:
        advice = f" {OTHER_VERSION}" if code == UNSUPPORTED_VERSION else ""
        super().__init__(f"The broker refused the connection: {words} (CONNACK 0x{code:02X}).{advice}")
        self.code = code


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
