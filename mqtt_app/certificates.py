"""Certificates and keys as people paste them: a text that could not be used is refused when it is entered."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ValidationError

MISPLACED = "This holds a private key. Put it into the field of the client key, where it is stored encrypted."
NO_CERTIFICATE = "This is no certificate in PEM: it begins with -----BEGIN CERTIFICATE----- and is copied whole."
NO_KEY = "This is no private key in PEM: it begins with -----BEGIN PRIVATE KEY----- and is copied whole."


T = TypeVar("T")


def read(pem: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, at least one. Raises ValidationError."""
    if "PRIVATE KEY-----" in pem:
        raise ValidationError(MISPLACED)
    if not pem.isascii():
        raise ValidationError("Leave out what is not plain ASCII, such as accents in comments.")
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise ValidationError(NO_CERTIFICATE) from error


def read_key(pem: str) -> PrivateKeyTypes:
    """The private key of a PEM text. Raises ValidationError."""
    try:
        return load_pem_private_key(pem.encode(), None)
    except TypeError as error:
        words = "This key needs a passphrase. Enter it without one: it is stored encrypted here."
        raise ValidationError(words) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValidationError(NO_KEY) from error


def first_to_expire(pem: str) -> datetime | None:
    """When the first certificate of a text expires; None for a text that holds none."""
    try:
        return min(one.not_valid_after_utc for one in read(pem)) if pem else None
    except ValidationError:
        return None


def validate_certificates(pem: str) -> None:
    """Raises ValidationError unless `pem` holds one or more certificates, and nothing secret."""
    read(pem)


def validate_key(pem: str) -> None:
    """Raises ValidationError unless `pem` is a private key that needs no passphrase."""
    read_key(pem)


def validate_pair(certificate: str, key: str, now: datetime) -> None:
    """Raises ValidationError, per field, unless this is a client's certificate that is still valid, and its key."""
    if not certificate:
        return
    if not key:
        raise ValidationError({"client_key": "A client certificate is of no use without its key."})
    first = _of("client_certificate", read, certificate)[0]
    if first.not_valid_after_utc < now:
        raise ValidationError({"client_certificate": f"This certificate expired on {first.not_valid_after_utc:%F}."})
    if first.public_key() != _of("client_key", read_key, key).public_key():
        raise ValidationError({"client_key": "This key does not belong to the client certificate."})


def _of(field: str, load: Callable[[str], T], pem: str) -> T:
    try:
        return load(pem)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
