"""Who is told of which problem, and what was told."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from sites.fields import EncryptedTextField
from sites.models import Site


class Problem(models.TextChoices):
    """What people are told of."""

    CONNECTION = "connection", "a connection is down"
    DEVICE = "device", "a device is offline"
    FAILURES = "failures", "many messages cannot be read"
    LEDGER = "ledger", "the ledger does not balance"


class NoticeRule(models.Model):
    """Who is told of a site's problems, how, and when. The address is a secret: it holds tokens and passwords."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="notice_rules")
    name = models.CharField(max_length=64)
    problems = ArrayField(models.CharField(max_length=16, choices=Problem))
    address = EncryptedTextField(help_text="An address of apprise: mailto://…, slack://…, tgram://…, json://…")
    service = models.CharField(max_length=64, editable=False)
    delay_s = models.PositiveIntegerField(
        "delay (s)",
        default=120,
        help_text="So long it must last before it is told.",
        validators=[MaxValueValidator(86_400)],
    )
    failure_percent = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text="Above it, failures are many."
    )
    tells_recovery = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True, help_text="In the site's time zone; what is told then waits.")
    quiet_to = models.TimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("site", "name")
        constraints = (models.UniqueConstraint(fields=("site", "name"), name="notice_rule_name_once_per_site"),)

    def __str__(self) -> str:
        return self.name


class Maintenance(models.Model):
    """While it lasts nothing is told of a site; what is still wrong afterwards is."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="maintenances")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="ends_after_its_start"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"


class Incident(models.Model):
    """Something that is wrong, from its beginning until it has been well for long enough.

    flaps: how often it came back before that. good_since: it is well, but not for long. percent: of many failures.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="incidents")
    problem = models.CharField(max_length=16, choices=Problem)
    subject = models.CharField(max_length=64, help_text="What it is about, such as gateway:7.")
    label = models.CharField(max_length=255)
    percent = models.PositiveSmallIntegerField(default=100)
    began_at = models.DateTimeField()
    bad_since = models.DateTimeField()
    good_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)
    flaps = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-began_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("site", "problem", "subject"),
                condition=models.Q(ended_at=None),
                name="one_open_incident_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}: {self.get_problem_display()}"


class Delivery(models.Model):
    """One message to people: what it said, and whether it went out. Claimed before it is sent, so never sent twice."""

    class Progress(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    rule = models.ForeignKey(NoticeRule, on_delete=models.CASCADE, related_name="deliveries")
    title = models.CharField(max_length=255)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=Progress, default=Progress.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.title


class Notice(models.Model):
    """That a rule has told a change of an incident: each word of it once."""

    class Word(models.TextChoices):
        BEGAN = "began"
        FLAPS = "flaps"
        ENDED = "ended"

    rule = models.ForeignKey(NoticeRule, on_delete=models.CASCADE, related_name="notices")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notices")
    word = models.CharField(max_length=8, choices=Word)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="notices")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("rule", "incident", "word"), name="one_notice_per_rule_and_change"),
        )
