"""What is remembered of Sparkplug B edge nodes: which numbers arrived, and whose births are missing."""

from django.db import models

from mqtt_app.models.connections import MqttConnection


class SparkplugArrival(models.Model):
    """What one batch brought from one edge node; gone when every older message has its fate and it was judged.

    node: the topic that takes the node's commands. said: [reception in seconds since 1970, seq or null, one of
    birth, data and unnamed] for each message, in order. newest: the latest reception.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    node = models.CharField(max_length=512)
    said = models.JSONField()
    newest = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("connection", "newest"), name="sparkplug_arrivals"),)

    def __str__(self) -> str:
        return f"{len(self.said)} of {self.node}"


class SparkplugNode(models.Model):
    """One edge node: the last number that was judged, and since when its births are missed, and why."""

    class Lack(models.TextChoices):
        NOTHING = ""
        MESSAGES = "messages"
        NAMES = "names"

    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_index=False, related_name="sparkplug_nodes"
    )
    node = models.CharField(max_length=512, help_text="The topic that takes its commands.")
    seq = models.PositiveSmallIntegerField(null=True)
    gaps = models.PositiveIntegerField(default=0, help_text="How often messages were missed.")
    lacks = models.CharField(max_length=8, choices=Lack, default=Lack.NOTHING, blank=True)
    lacks_since = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(default=0, help_text="How often, since it last told its births.")
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection", "node"), name="sparkplug_node_once"),)

    def __str__(self) -> str:
        return self.node
