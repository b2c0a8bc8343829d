"""A person's second factor, whose secrets are kept as brokers' passwords are."""

import time
from base64 import b32decode, b32encode
from secrets import token_bytes
from urllib.parse import quote

from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from sites.fields import EncryptedTextField

THROTTLED = ["throttling_failure_count", "throttling_failure_timestamp"]


def new_key() -> str:
    """160 bits, as RFC 4226 §4 wants them, in the alphabet that people can type into an app."""
    return b32encode(token_bytes(20)).decode()


class AuthenticatorApp(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # django-otp has no types
    """A person's second factor: an app that shows another code every 30 s (TOTP, RFC 6238), and backup codes.

    django-otp's own device keeps its key, and its backup codes, readable in the database; here both are encrypted.
    """

    key = EncryptedTextField(default=new_key)
    backup_codes = EncryptedTextField(blank=True)
    drift = models.SmallIntegerField(default=0)
    last_t = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def uri(self) -> str:
        """What the picture says to the app."""
        return f"otpauth://totp/{quote(f'Fieldledger:{self.user.get_username()}')}?secret={self.key}&issuer=Fieldledger"

    def verify_token(self, token: str) -> bool:
        """Whether this is the app's code, now or half a minute before or after, or a backup code. Each is good once.

        Its caller has locked the row. After a wrong one each further try must wait longer.
        """
        if not self.verify_is_allowed()[0]:
            return False
        totp = TOTP(b32decode(self.key), drift=self.drift)
        totp.time = time.time()
        codes = self.backup_codes.split()
        if token in codes:
            self.backup_codes = " ".join(code for code in codes if code != token)
        elif token.isascii() and token.isdigit() and totp.verify(int(token), tolerance=1, min_t=self.last_t + 1):
            self.last_t, self.drift = totp.t(), totp.drift
        else:
            self.throttle_increment(commit=False)
            self.save(update_fields=THROTTLED)
            return False
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        spent = ["backup_codes"] if token in codes else ["last_t", "drift"]
        self.save(
            update_fields=[*THROTTLED, "last_used_at", *spent]
        )  # another field would be encrypted anew, and audited
        return True

    def get_throttle_factor(self) -> int:
        """Seconds that the first wrong code costs; each further one doubles them."""
        return 1
