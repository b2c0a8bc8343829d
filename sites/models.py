"""What stands in the field: sites, gateways, dataloggers, sensors and what they read; and who may see them."""

import zoneinfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.utils import timezone

NOTHING_YET = Value({}, models.JSONField())
"""An empty JSON object, made by the database."""


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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class DeviceRule(models.Model):
    """What becomes of unknown devices by their serial; the first rule that matches decides."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="device_rules")
    position = models.PositiveSmallIntegerField(default=0, help_text="The smallest is asked first.")
    pattern = models.CharField(max_length=128, help_text="Of a serial; * is any text, ? one character.")
    action = models.CharField(max_length=6, choices=Admission)

    class Meta:
        ordering = ("site", "position", "pk")
        constraints = (models.UniqueConstraint(fields=("site", "pattern"), name="rule_pattern_once_per_site"),)

    def __str__(self) -> str:
        return f"{self.pattern}: {self.get_action_display()}"


class Newcomer(models.Model):
    """A device that was not let in, or that somebody has let in and that has not spoken since."""

    class Post(models.TextChoices):
        GATEWAY = "gateway"
        DATALOGGER = "datalogger"

    class Decision(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="newcomers")
    role = models.CharField(max_length=10, choices=Post)
    serial = models.CharField(max_length=128)
    state = models.CharField(max_length=8, choices=Decision, default=Decision.WAITING, db_default=Decision.WAITING)
    message_count = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-last_seen_at",)
        constraints = (
            models.UniqueConstraint(fields=("site", "role", "serial"), name="newcomer_once_per_site_and_role"),
        )

    def __str__(self) -> str:
        return self.serial


class SerialConflict(models.Model):
    """A serial that turned up at `site` though `other` knew it. Each keeps a device of its own; nothing moves."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="serial_conflicts")
    other = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Newcomer.Post)
    serial = models.CharField(max_length=128)
    found_at = models.DateTimeField(db_default=Now())
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-found_at",)
        constraints = (
            models.UniqueConstraint(fields=("site", "other", "role", "serial"), name="serial_conflict_once"),
        )

    def __str__(self) -> str:
        return self.serial


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


class Present(models.Model):
    """A device's presence. `last_seen_at` is our clock at reception, never the payload's."""

    status = models.CharField(max_length=8, choices=Presence, default=Presence.UNKNOWN, db_default=Presence.UNKNOWN)
    status_since = models.DateTimeField(default=timezone.now, db_default=Now())
    offline_reason = models.CharField(max_length=8, choices=OfflineReason, blank=True, db_default="")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    interval_s = models.FloatField(null=True, blank=True, help_text="Seconds it promises between two messages.")

    class Meta:
        abstract = True


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

    class Meta:
        ordering = ("site", "serial")
        constraints = (models.UniqueConstraint(fields=("site", "serial"), name="datalogger_serial_once_per_site"),)
        indexes = (models.Index(fields=("serial",), name="dataloggers_by_serial"),)

    def __str__(self) -> str:
        return self.serial


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

    class Meta:
        ordering = ("datalogger", "key")
        constraints = (models.UniqueConstraint(fields=("datalogger", "key"), name="sensor_key_once_per_datalogger"),)

    def __str__(self) -> str:
        return self.key


class Reading(models.Model):
    """One reading in history, once per (sensor, device time). The table is partitioned by month of `time`.

    claimed_time: what the device's clock said where it was implausible and `time` is reception instead.
    """

    pk = models.CompositePrimaryKey("sensor_id", "time")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, db_constraint=False, related_name="readings")
    time = models.DateTimeField()
    received_at = models.DateTimeField()
    values = ArrayField(models.FloatField())
    quality = models.CharField(max_length=12)
    claimed_time = models.DateTimeField(null=True)

    class Meta:
        db_table = "sites_reading"
        indexes = (BrinIndex(fields=("time",), name="sites_reading_time", autosummarize=True, pages_per_range=32),)


class Rollup(models.Model):
    """What a sensor read in one hour: how many readings, and per component the least, the sum, the most, how many.

    time: the hour's start. is_stale: readings have come since, and count instead of this row until it is made anew.
    Partitioned like readings.
    """

    pk = models.CompositePrimaryKey("sensor_id", "time")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, db_constraint=False, related_name="rollups")
    time = models.DateTimeField()
    readings = models.IntegerField(db_default=0)
    minima = ArrayField(models.FloatField(), db_default=Value("{}"))
    sums = ArrayField(models.FloatField(), db_default=Value("{}"))
    maxima = ArrayField(models.FloatField(), db_default=Value("{}"))
    counts = ArrayField(models.IntegerField(), db_default=Value("{}"))
    is_stale = models.BooleanField(db_default=False)

    class Meta:
        indexes = (
            models.Index(fields=("sensor", "time"), name="sites_rollup_stale", condition=models.Q(is_stale=True)),
        )


class RollupEdge(models.Model):
    """How far rollups are, in one row. Readings before `announced` mark their hours; hours before `rolled` are done.

    since: when the announcement was known to be committed.
    """

    announced = models.DateTimeField()
    since = models.DateTimeField(null=True)
    rolled = models.DateTimeField(null=True)


class Role(models.TextChoices):
    """What a member may do at a site; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Membership(models.Model):
    """Who may see a site, and do what there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.VIEWER)

    class Meta:
        ordering = ("site", "user")
        constraints = (models.UniqueConstraint(fields=("user", "site"), name="one_role_per_user_and_site"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.site}"


class Profile(models.Model):
    """How a person likes their screens."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        ITALIAN = "it", "Italiano"

    class Theme(models.TextChoices):
        AUTO = "auto", "as the device says"
        LIGHT = "light"
        DARK = "dark"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)


class ApiToken(models.Model):
    """A program's key. Only its SHA-256 is kept; the token itself is shown once, when it is made."""

    class Scope(models.TextChoices):
        READ = "read"
        OPERATE = "operate"
        ADMIN = "admin"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    site_ids = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        editable=False,
        help_text="The sites it is for, at most; empty: all of its user's.",
    )
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def __repr__(self) -> str:
        return f"<ApiToken {self.prefix}…>"


class AuditEntry(models.Model):
    """Who changed what and when. Written by triggers in the database, which also keep it as it is (sites.audit).

    changes: {column: [before, after]}; of a secret only that it changed. site: where it belongs, also when deleted.
    """

    class Action(models.TextChoices):
        CREATE = "create"
        CHANGE = "change"
        DELETE = "delete"

    at = models.DateTimeField()
    actor_id = models.IntegerField(null=True)
    actor = models.CharField(max_length=150)
    via = models.CharField(max_length=80, help_text="session, a token, or system for what no person asked for.")
    action = models.CharField(max_length=8, choices=Action)
    kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    label = models.TextField()
    site = models.ForeignKey(Site, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    changes = models.JSONField()

    class Meta:
        managed = False  # so that nothing which empties tables, like a test, tries it here
        db_table = "sites_auditentry"
        ordering = ("-id",)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor or self.via}: {self.action} {self.kind} {self.label}"
