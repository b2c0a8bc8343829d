"""Devices that a site did not know: rules for them, who they are, and serials that two sites know."""

from django.db import models
from django.db.models.functions import Now

from sites.models.sites import Admission, Site


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
