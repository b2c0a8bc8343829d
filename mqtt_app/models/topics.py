"""Topics that are subscribed to, and topics on which something arrived."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from mqtt_app.models.connections import MqttConnection
from mqtt_app.topics import validate_filter, validate_template
from sites.models import Site


class MqttTopic(models.Model):
    """Which topics of a connection are parsed, or on purpose not."""

    class Qos(models.IntegerChoices):
        AT_MOST_ONCE = 0, "0 – loses messages at a restart"
        AT_LEAST_ONCE = 1, "1 – nothing is lost"

    mqtt_connection = models.ForeignKey(MqttConnection, on_delete=models.CASCADE, related_name="topics")
    topic_pattern = models.CharField(
        max_length=512, validators=[validate_filter], help_text="An MQTT filter; + and # are wildcards."
    )
    is_active = models.BooleanField(default=True, help_text="Parse what arrives on this topic; off: ignore it.")
    qos_level = models.PositiveSmallIntegerField(
        "QoS",
        choices=Qos,
        default=Qos.AT_LEAST_ONCE,
        help_text="2 is not offered: subscribed at 1 nothing is lost, while at 2 the client library keeps received "
        "messages in memory only. Messages published at 2 arrive at 1 and are stored once.",
    )
    parser_name = models.CharField(max_length=64, blank=True, help_text="Empty: the registry decides.")
    is_muted = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Noise: not subscribed to, and where another topic brings it, ignored without being discovered.",
    )
    template = models.CharField(
        max_length=512,
        blank=True,
        default="",
        db_default="",
        validators=[validate_template],
        help_text="How a plain topic is read: {device}/{sensor}, bus/{device+}/{sensor}. Empty: as known formats do.",
    )

    class Meta:
        ordering = ("mqtt_connection", "topic_pattern")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(is_muted=True, is_active=True), name="a_muted_topic_is_not_parsed"
            ),
            models.UniqueConstraint(
                fields=("mqtt_connection", "topic_pattern"), name="topic_pattern_once_per_connection"
            ),
        )

    def __str__(self) -> str:
        return self.topic_pattern


class DiscoveredTopic(models.Model):
    """A topic on which something arrived. sample_payload is {"json": …}, {"text": …} or {"base64": …}, bounded."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="discovered_topics")
    topic_path = models.CharField(max_length=512)
    topic_pattern = models.CharField(
        max_length=512, blank=True, help_text="The parser's filter that this topic matches."
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    message_count = models.BigIntegerField(default=0)
    sample_payload = models.JSONField(default=dict)
    sampled_at = models.DateTimeField(default=timezone.now)
    sample_count = models.BigIntegerField(
        default=0, db_default=0, help_text="Samples ever taken; they go round in their slots."
    )
    is_processable = models.BooleanField(default=False, help_text="A parser recognises it.")
    processor_name = models.CharField(max_length=64, blank=True)
    registry = models.CharField(
        max_length=16, db_default="", editable=False, help_text="The mark of the parsers by which it was judged."
    )

    class Meta:
        ordering = ("site", "topic_path")
        constraints = (models.UniqueConstraint(fields=("site", "topic_path"), name="topic_path_once_per_site"),)
        indexes = (models.Index(fields=("registry", "id"), name="topics_by_registry"),)

    def __str__(self) -> str:
        return self.topic_path


class TopicSample(models.Model):
    """One message of a topic, kept to be looked at. A topic has a fixed number of slots; the oldest is written over.

    payload: the beginning of what arrived, byte for byte; size: of the whole.
    """

    pk = models.CompositePrimaryKey("topic_id", "slot")
    topic = models.ForeignKey(
        DiscoveredTopic, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="samples"
    )
    slot = models.PositiveSmallIntegerField()
    received_at = models.DateTimeField()
    qos = models.PositiveSmallIntegerField()
    retain = models.BooleanField()
    size = models.PositiveIntegerField()
    payload = models.BinaryField()


class TopicOverflow(models.Model):
    """What came on topics beyond the number that a site may list, by a rough template; the rest of those under #."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="topic_overflow")
    template = models.CharField(max_length=512)
    example = models.CharField(max_length=512)
    message_count = models.BigIntegerField(default=0)
    parsed_count = models.BigIntegerField(default=0, help_text="Of them, those that a parser recognises.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "template"), name="overflow_template_once_per_site"),)


class DiscoveryRun(models.Model):
    """A while in which a connection listens to everything. report: what was new, once it has ended;
    until then only whether the broker refused `$SYS`.
    """

    connection = models.ForeignKey(MqttConnection, on_delete=models.CASCADE, related_name="discovery_runs")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    until = models.DateTimeField()
    with_system = models.BooleanField("with $SYS", default=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=("until",), condition=models.Q(finished_at=None), name="discoveries_to_report"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} for {(self.until - self.started_at).total_seconds() / 60:.0f} min"
