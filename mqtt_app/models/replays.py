"""Raw messages that are kept, and runs that read kept messages again."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from mqtt_app.models.connections import MqttConnection
from sites.models import Site


class RawMessage(models.Model):
    """A message that was understood, or that nobody knew, kept where its connection wishes so."""

    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="raw_messages"
    )
    received_at = models.DateTimeField()
    qos = models.PositiveSmallIntegerField()
    retain = models.BooleanField()
    fate = models.CharField(max_length=12)
    parser_name = models.CharField(max_length=64, blank=True)
    topic = models.CharField(max_length=512)
    payload = models.BinaryField()

    class Meta:
        indexes = (
            models.Index(fields=("connection", "id"), name="raw_of_a_connection"),
            BrinIndex(fields=("received_at",), name="raw_by_time"),  # rows come in the order of time: next to nothing
        )


class Replay(models.Model):
    """Kept messages that are read again: a dry run first, then for good. `site` is theirs.

    selection: which ones (ids, fingerprint, parser_name, error_type, topic as a filter, from, to, again).
    cursor: the last id that was read; last: where it ends. checked, applied: the reports of the two runs.
    tries: how often the next step was begun and not ended.
    """

    class Source(models.TextChoices):
        FAILURES = "failures", "what could not be parsed"
        RAW = "raw", "raw messages that the connection keeps"

    class Stage(models.TextChoices):
        CHECKING = "checking", "dry run"
        CHECKED = "checked", "waits to be started"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="replays")
    source = models.CharField(max_length=8, choices=Source, default=Source.FAILURES)
    selection = models.JSONField(default=dict)
    parser_name = models.CharField(max_length=64, blank=True, help_text="Empty: as at reception.")
    state = models.CharField(max_length=9, choices=Stage, default=Stage.CHECKING)
    is_paused = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    checked = models.JSONField(default=dict)
    applied = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=("touched_at",),
                condition=models.Q(state__in=["checking", "running"]),
                name="replays_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_source_display()} at {self.site}, {self.created_at:%Y-%m-%d %H:%M}"
