"""What devices are asked to do."""

from django.conf import settings
from django.db import models

from mqtt_app.models.connections import MqttConnection
from sites.models import Site


class Command(models.Model):
    """Something that a device is asked to do, or a message that is to be published; sent once, if at all."""

    class Kind(models.TextChoices):
        PROTOCOL = "protocol", "the field's own"
        RAW = "raw", "any message"

    class Fulfilment(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        DELIVERED = "delivered"
        DONE = "done"
        REFUSED = "refused"
        TIMED_OUT = "timed_out", "timed out"
        EXPIRED = "expired"
        CANCELLED = "cancelled"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="commands")
    connection = models.ForeignKey(MqttConnection, on_delete=models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=8, choices=Kind)
    topic = models.CharField(max_length=512)
    method = models.CharField(max_length=64, blank=True)
    payload = models.BinaryField()
    qos = models.PositiveSmallIntegerField(default=1)
    retain = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=Fulfilment, default=Fulfilment.QUEUED)
    error = models.CharField(max_length=500, blank=True)
    answer = models.JSONField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    timeout_s = models.PositiveIntegerField(default=30)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=("connection", "topic"),
                condition=models.Q(state__in=["queued", "sending", "sent"]),
                name="commands_under_way",
            ),
            models.Index(fields=("site", "topic", "-id"), name="commands_of_a_topic"),
        )

    def __str__(self) -> str:
        return f"{self.method or 'message'} to {self.topic}"
