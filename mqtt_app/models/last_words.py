"""What devices said before they fell silent."""

from django.db import models

from sites.models import Datalogger


class LastWords(models.Model):
    """The last message that names a datalogger, kept when it fell silent: samples of its topic go on being replaced.

    payload: the beginning of what arrived, byte for byte; size: of the whole.
    """

    datalogger = models.OneToOneField(Datalogger, on_delete=models.CASCADE, primary_key=True, related_name="+")
    topic = models.TextField()
    received_at = models.DateTimeField()
    qos = models.PositiveSmallIntegerField()
    retain = models.BooleanField()
    size = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        verbose_name_plural = "last words"

    def __str__(self) -> str:
        return f"{self.topic} at {self.received_at}"
