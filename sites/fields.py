"""Secrets at rest: text that only the keys of FIELD_KEYS can read, and that fails loudly when they cannot."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

PREFIX = "v1:"


class Undecryptable(Exception):
    """A stored secret cannot be read with FIELD_KEYS. Bring the lost key back, or enter the secret anew."""


def keyring() -> MultiFernet:
    """Raises ImproperlyConfigured when FIELD_KEYS is empty or holds something that is no Fernet key."""
    try:
        return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_KEYS must hold at least one Fernet key: python -c "
            "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        ) from error


def rotated(stored: str) -> str | None:
    """A stored secret under the first key; None for one that is. Raises Undecryptable."""
    ring = keyring()
    token = stored.removeprefix(PREFIX).encode()
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(token)
        return None
    except InvalidToken:
        pass
    try:
        return PREFIX + ring.rotate(token).decode()
    except InvalidToken as error:
        raise Undecryptable(Undecryptable.__doc__) from error


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Text, encrypted in the database. An empty text stays empty. A wrong key raises: it never yields ciphertext."""

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002
        """What dumpdata and other serialisers write: nothing. A backup of the database holds the encrypted text."""
        return ""

    def get_lookup(self, lookup_name: str) -> Any:
        """Whether there is one, no more: patterns would be compared with the encrypted text, in any list's address."""
        return super().get_lookup(lookup_name) if lookup_name in ("exact", "isnull") else None

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return ""
        return PREFIX + keyring().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: str | None, *_: Any) -> str:
        if not value:
            return ""
        try:
            return keyring().decrypt(value.removeprefix(PREFIX).encode()).decode()
        except InvalidToken as error:
            raise Undecryptable(Undecryptable.__doc__) from error
