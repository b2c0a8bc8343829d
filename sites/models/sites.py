"""A place in the field, and what it does with devices that it does not know."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


def validate_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone such as Europe/Rome."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            "“%(name)s” is not a time zone; use an IANA name such as Europe/Rome.", params={"name": name}
        )


def validate_keep_days(days: int) -> None:
    """Raises ValidationError for more days than everything is kept: there would be nothing left to keep longer."""
    if not 1 <= days <= settings.READINGS_KEEP_DAYS:
        raise ValidationError(
            "Between 1 and %(limit)d days: all readings go after %(limit)d (READINGS_KEEP_DAYS).",
            params={"limit": settings.READINGS_KEEP_DAYS},
        )


class Admission(models.TextChoices):
    """What becomes of a device that its site does not know yet."""

    ACCEPT = "accept", "let in"
    HOLD = "hold", "held until somebody lets it in"
    REFUSE = "refuse", "refused: what it says is ignored"


class Site(models.Model):
    """One place with one broker. `is_active` is visibility in the application; a hidden site still ingests."""

    class Type(models.TextChoices):
        BRIDGE = "bridge"
        DAM = "dam"
        TUNNEL = "tunnel"
        BUILDING = "building"
        PLANT = "plant"
        OTHER = "other"

    name = models.CharField(max_length=128, unique=True)
    slug = models.SlugField(max_length=64, unique=True, help_text="First level of this site's MQTT topics.")
    site_type = models.CharField(max_length=16, choices=Type, default=Type.OTHER)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    location = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True, help_text="Visible in the application. A hidden site still ingests.")
    readings_keep_days = models.PositiveIntegerField(
        "keep readings for (days)",
        null=True,
        blank=True,
        validators=[validate_keep_days],
        help_text="Empty: as long as those of all sites. Older ones are deleted daily.",
    )
    unknown_devices = models.CharField(
        max_length=6,
        choices=Admission,
        default=Admission.ACCEPT,
        db_default=Admission.ACCEPT,
        help_text="What becomes of a device that this site does not know, and no rule of it.",
    )
    works_from = models.TimeField(null=True, blank=True, help_text="In the site's time zone; both empty: all day.")
    works_to = models.TimeField(null=True, blank=True, help_text="May be earlier than the start: then past midnight.")
    interval_s = models.FloatField(
        "expected interval (seconds)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31_536_000)],
        help_text="Between two messages of a device that promises none itself. Empty: that of all sites.",
    )
    latitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees, north is positive.",
    )
    longitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees, east is positive.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(works_from__isnull=True, works_to__isnull=True)
                | models.Q(works_from__isnull=False, works_to__isnull=False),
                name="works_both_or_neither",
                violation_error_message="Give both the beginning and the end of the working hours, or neither.",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                name="place_both_or_neither",
                violation_error_message="Give both latitude and longitude, or neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name
