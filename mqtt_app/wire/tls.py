"""TLS to brokers: whom to trust, who we are, and what to mend when either side refuses."""

import contextlib
import ssl
import tempfile
from typing import Any

UNTRUSTED = {
    "certificate has expired": "it has expired; it must be renewed at the broker",
    "certificate is not yet valid": "it is not valid yet; is the clock right, here and there?",
    "unable to get local issuer certificate": "it is signed by an authority that is not among the CA certificates",
    "self-signed certificate": "it is signed by itself; enter it as CA certificate if that is meant",
    "self-signed certificate in certificate chain": "its authority is not among the CA certificates",
}
"""What OpenSSL finds wrong with a broker's certificate, and what to mend."""

WANTED = "The broker asks for a client certificate: enter one that it trusts, and its key"
REFUSED = "The broker refused our client certificate"
BARE = "The broker does not speak TLS at this port"
TOO_OLD = "The broker speaks no version of TLS from 1.2 on"
ALERTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": WANTED,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": f"The broker refused the TLS handshake. {WANTED}, if it wants one",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"{REFUSED}: it has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"{REFUSED}: it is revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": f"{REFUSED}: it cannot use it",
    "TLSV1_ALERT_UNKNOWN_CA": f"{REFUSED}: it does not trust the authority that signed it",
    "WRONG_VERSION_NUMBER": BARE,
    "RECORD_LAYER_FAILURE": BARE,
    "TLSV1_ALERT_PROTOCOL_VERSION": TOO_OLD,
    "UNSUPPORTED_PROTOCOL": TOO_OLD,
    "KEY_VALUES_MISMATCH": "The client key does not belong to the client certificate",
}
"""OpenSSL's reasons for ending a conversation, in words."""


class TlsSocket(ssl.SSLSocket):
    """Remembers the alert with which the broker ended it, and lets go of a connection that fails to shake hands."""

    alert: ssl.SSLError | None = None

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except (ConnectionResetError, ssl.SSLEOFError) as error:
            self.close()
            words = "The broker closed the connection during the TLS handshake. Does it speak TLS at this port?"
            raise ConnectionError(words) from error
        except OSError:
            self.close()
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        try:
            return super().recv(buflen, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            self.alert = error
            raise

    def send(self, data: Any, flags: int = 0) -> int:
        try:
            return super().send(data, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            with contextlib.suppress(OSError):  # a broker that hung up may have said why
                self.recv()
            raise


def context(authorities: str, certificate: str, key: str, verify: bool) -> ssl.SSLContext:
    """TLS 1.2 or newer, with these PEM texts. No authorities: the system's. Raises ssl.SSLError for a bad PEM."""
    made = ssl.create_default_context(cadata=authorities or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    # Newer Pythons demand extensions that many a plant's own authority leaves out; signatures and names still count.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.sslsocket_class = TlsSocket
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if certificate:
        # OpenSSL reads a certificate chain from a file only; the file exists for a moment, for our eyes alone.
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
            pem.write(f"{certificate}\n{key}\n")
            pem.flush()
            made.load_cert_chain(pem.name)
    return made


def in_words(error: ssl.SSLError) -> str:
    """Why TLS failed, for the person who has to mend it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The broker's certificate is not trusted: {_untrusted(error.verify_message.rstrip('.'))}."
    return ALERTS.get(error.reason, f"The TLS handshake failed: {error.reason}") + "."


def _untrusted(words: str) -> str:
    if "mismatch" in words:  # … mismatch, certificate is not valid for 'name'
        host = words.split("'")[1] if "'" in words else "this host"
        return f"it is not made out to {host}; enter the name that it carries as broker host"
    return UNTRUSTED.get(words, words)
