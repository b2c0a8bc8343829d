"""What could not be read: each message, and its kinds."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from sites.models import Site


class MqttParsingLog(models.Model):
    """A message, or a part of one, that could not be read. `payload` is what arrived, byte for byte, to be replayed."""

    class Outcome(models.TextChoices):
        RECOVERED = "recovered", "all of it was stored"
        PARTLY = "partly", "stored, but for bad parts"
        FAILED = "failed", "it still fails"
        IGNORED = "ignored", "its topic is not parsed, or calls for nothing"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="parsing_logs")
    topic = models.TextField()
    timestamp = models.DateTimeField(default=timezone.now, db_index=True)
    received_at = models.DateTimeField()
    parser_name = models.CharField(max_length=64, blank=True)
    error_type = models.CharField(max_length=64, help_text="A stable reason code.")
    fingerprint = models.CharField(max_length=16, blank=True, db_default="", editable=False)
    parser_version = models.CharField(max_length=32, default="1", db_default="1")
    retain = models.BooleanField(default=False, db_default=False)
    payload = models.BinaryField()
    payload_sample = models.TextField(blank=True)
    error_message = models.TextField()
    exception_traceback = models.TextField(blank=True)
    outcome = models.CharField(
        max_length=9, choices=Outcome, blank=True, db_default="", help_text="What its last replay came to."
    )
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-timestamp", "-id")
        indexes = (models.Index(fields=("fingerprint", "-id"), name="failures_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.error_type} on {self.topic}"


class ParsingGroup(models.Model):
    """Failures of one kind at one site: the same parser, reason and place in the document, whatever the values were."""

    class Handling(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        IGNORED = "ignored"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="parsing_groups")
    fingerprint = models.CharField(max_length=16)
    parser_name = models.CharField(max_length=64, blank=True)
    error_type = models.CharField(max_length=64)
    path = models.CharField(max_length=255, blank=True, help_text="In the document; list positions are left out.")
    parser_version = models.CharField(max_length=32, default="1", db_default="1")
    count = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=Handling, default=Handling.OPEN, db_default=Handling.OPEN)
    state_since = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        ordering = ("-last_seen_at",)
        constraints = (models.UniqueConstraint(fields=("site", "fingerprint"), name="failure_group_once_per_site"),)

    def __str__(self) -> str:
        return f"{self.error_type} at {self.path or 'the whole message'}"
