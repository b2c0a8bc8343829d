"""Gateways, dataloggers and sensors, with their presence and latest values."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.utils import timezone

from sites.models.sites import Site

NOTHING_YET = Value({}, models.JSONField())
"""An empty JSON object, made by the database."""


class Presence(models.TextChoices):
    """Whether a device speaks. Unknown: we were deaf, so its silence says nothing."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class OfflineReason(models.TextChoices):
    """Why a device counts as offline; empty while it does not."""

    SILENT = "silent", "silent for 2.5 × its interval"
    DECLARED = "declared", "declared offline by a message or last will"
    GATEWAY = "gateway", "its gateway is offline"


class IntervalFrom(models.TextChoices):
    """Who says how often a device is expected to speak."""

    DEVICE = "device"
    SITE = "site"
    DEFAULT = "default"


class Present(models.Model):
    """A device's presence, and what people say of it. `last_seen_at` is our clock at reception, never the payload's."""

    site: models.ForeignKey[Site]
    status = models.CharField(max_length=8, choices=Presence, default=Presence.UNKNOWN, db_default=Presence.UNKNOWN)
    status_since = models.DateTimeField(default=timezone.now, db_default=Now())
    offline_reason = models.CharField(max_length=8, choices=OfflineReason, blank=True, db_default="")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    interval_s = models.FloatField(null=True, blank=True, help_text="Seconds it promises between two messages.")
    name = models.CharField(
        max_length=128,
        blank=True,
        default="",
        db_default="",
        help_text="What people call it; its serial says who it is.",
    )
    muted_until = models.DateTimeField(null=True, blank=True, help_text="Until then its silence rings nobody.")

    class Meta:
        abstract = True

    @property
    def interval_from(self) -> str:
        """Whose `expected_interval_s` is."""
        if self.interval_s:
            return IntervalFrom.DEVICE
        return IntervalFrom.SITE if self.site.interval_s else IntervalFrom.DEFAULT

    @property
    def expected_interval_s(self) -> float:
        """Seconds between two messages: what it promises, else what its site expects, else what all sites do."""
        return self.interval_s or self.site.interval_s or settings.DEFAULT_INTERVAL_S


class Gateway(Present):
    """The device that speaks MQTT for the dataloggers behind it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="gateways")
    serial = models.CharField(max_length=128)
    firmware = models.CharField(max_length=128, blank=True, db_default="")
    addresses = models.JSONField(
        default=dict, db_default=NOTHING_YET, blank=True, help_text="ip_address, hostname and the like."
    )
    metadata = models.JSONField(default=dict, db_default=NOTHING_YET, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        ordering = ("site", "serial")
        constraints = (models.UniqueConstraint(fields=("site", "serial"), name="gateway_serial_once_per_site"),)
        indexes = (models.Index(fields=("serial",), name="gateways_by_serial"),)  # one serial at two sites

    def __str__(self) -> str:
        return self.serial


class Datalogger(Present):
    """A device that reads sensors."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="dataloggers")
    gateway = models.ForeignKey(Gateway, on_delete=models.SET_NULL, null=True, blank=True, related_name="dataloggers")
    serial = models.CharField(max_length=128)
    kind = models.CharField(max_length=64, blank=True, db_default="")
    firmware = models.CharField(max_length=128, blank=True, db_default="")
    metadata = models.JSONField(default=dict, db_default=NOTHING_YET, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now, db_default=Now())
    tags = ArrayField(models.CharField(max_length=40), blank=True, default=list, db_default=Value("{}"))

    class Meta:
        ordering = ("site", "serial")
        constraints = (models.UniqueConstraint(fields=("site", "serial"), name="datalogger_serial_once_per_site"),)
        indexes = (models.Index(fields=("serial",), name="dataloggers_by_serial"),)

    def __str__(self) -> str:
        return self.serial


class IdentityChange(models.Model):
    """One change of who a datalogger is, noted by the database as its row is written (migration 0010)."""

    class What(models.TextChoices):
        FIRMWARE = "firmware"
        KIND = "kind"
        GATEWAY = "gateway"

    datalogger = models.ForeignKey(
        Datalogger, on_delete=models.CASCADE, db_index=False, related_name="identity_changes"
    )
    at = models.DateTimeField(db_default=Now())
    what = models.CharField(max_length=8, choices=What)
    before = models.TextField()
    after = models.TextField()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("datalogger", "-at"), name="identity_of_a_datalogger"),)

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


class Sensor(models.Model):
    """One measured quantity. Latest values have two clocks: the device's own, and ours at reception."""

    datalogger = models.ForeignKey(Datalogger, on_delete=models.CASCADE, related_name="sensors")
    key = models.CharField(max_length=128)
    kind = models.CharField(max_length=64, blank=True, db_default="")
    unit = models.CharField(max_length=32, blank=True, db_default="")
    components = ArrayField(models.CharField(max_length=32), default=list, db_default=Value("{}"))
    latest_values = ArrayField(models.FloatField(), null=True, blank=True)
    latest_time = models.DateTimeField(null=True, blank=True)
    latest_received_at = models.DateTimeField(null=True, blank=True)
    latest_quality = models.CharField(max_length=12, blank=True, db_default="")
    label = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="What people call it; its key is the device's."
    )
    own_unit = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text="Shown instead of the unit the device says."
    )
    lower_limit = models.FloatField(null=True, blank=True, help_text="In the unit that is shown.")
    upper_limit = models.FloatField(null=True, blank=True, help_text="In the unit that is shown.")

    class Meta:
        ordering = ("datalogger", "key")
        constraints = (models.UniqueConstraint(fields=("datalogger", "key"), name="sensor_key_once_per_datalogger"),)

    def __str__(self) -> str:
        return self.key

    @property
    def shown_unit(self) -> str:
        """What people say that its values are in, else what the device says."""
        return self.own_unit or self.unit

    def clean(self) -> None:
        """No constraint of the table: to check it would hold up who stores readings."""
        if self.lower_limit is not None and self.upper_limit is not None and self.lower_limit >= self.upper_limit:
            raise ValidationError({"upper_limit": "The upper limit must be above the lower one."})
