"""How the field speaks to us: connections, topics, who holds what, what was logged, and where every message went."""

import secrets
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from mqtt_app.certificates import validate_certificates, validate_key
from mqtt_app.fields import EncryptedTextField
from mqtt_app.topics import validate_filter, validate_template
from sites.models import Site

CLIENT_ID_LIMIT = 23  # characters every MQTT 3.1.1 server must accept [MQTT-3.1.3-5]


class Listener(models.Model):
    """A process that holds connections. Its heartbeat is the database's clock; silent for 10 s, it counts as dead."""

    name = models.CharField(max_length=128, unique=True)
    heartbeat = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    capacity = models.PositiveIntegerField(default=1_000, help_text="Connections it can hold.")
    is_stopping = models.BooleanField(default=False, help_text="It drains what it holds and takes no more.")
    suspected_at = models.DateTimeField(null=True, blank=True, help_text="When its heartbeat was first found too old.")
    oldest_pending_at = models.DateTimeField(
        null=True, blank=True, help_text="Reception of its oldest uncommitted message."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Protocol(models.TextChoices):
    """MQTT versions, as people name them."""

    V311 = "3.1.1", "MQTT 3.1.1"
    V5 = "5", "MQTT 5"


class MqttConnection(models.Model):
    """One site's connection to its broker. Wish, assignment and fact are kept apart, each with one writer.

    Wish (people): everything up to `discover_until`. Assignment (assignments.reconcile): `listener`, `epoch`.
    Fact (connection_events, from what listeners report): the rest.
    """

    class Status(models.TextChoices):
        CONNECTED = "connected"
        CONNECTING = "connecting"
        DISCONNECTED = "disconnected"
        ERROR = "error"

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="mqtt_connection")
    broker_host = models.CharField(
        max_length=253,
        validators=[
            RegexValidator(r"^[A-Za-z0-9._:\-]+\Z", "Enter a host name or an IP address, without scheme or port.")
        ],
    )
    broker_port = models.PositiveIntegerField(
        default=1883, validators=[MinValueValidator(1), MaxValueValidator(65_535)]
    )
    username = models.CharField(max_length=256, blank=True)
    password = EncryptedTextField(blank=True)
    is_host_trusted = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="A superuser entered the host: it may lead into a private network.",
    )
    client_id_prefix = models.CharField(
        max_length=12,
        default="fl-",
        validators=[RegexValidator(r"^[A-Za-z0-9_\-]+\Z", "Use letters, digits, - and _.")],
    )
    client_id = models.CharField(max_length=CLIENT_ID_LIMIT, unique=True, editable=False)
    protocol = models.CharField(max_length=5, choices=Protocol, default=Protocol.V5)
    use_tls = models.BooleanField("TLS", default=False)
    tls_verify = models.BooleanField("verify the broker's certificate", default=True)
    ca_certificate = models.TextField(
        "CA certificates (PEM)", blank=True, validators=[validate_certificates], help_text="Empty: the system's own."
    )
    client_certificate = models.TextField("client certificate (PEM)", blank=True, validators=[validate_certificates])
    client_key = EncryptedTextField("client key (PEM)", blank=True, validators=[validate_key])
    is_active = models.BooleanField(default=True, help_text="The wish: whether this connection should be open.")
    discover_until = models.DateTimeField(null=True, blank=True, help_text="Until then every topic is listened to.")
    keep_raw_days = models.PositiveSmallIntegerField(
        "keep raw messages for (days)",
        default=0,
        db_default=0,
        validators=[MaxValueValidator(365)],
        help_text="0: not at all. What was understood, or known to nobody, can then be read again by a mended parser.",
    )
    discover_system = models.BooleanField(
        "discover $SYS too", default=False, db_default=False, help_text="While discovering: the broker's own topics."
    )
    version = models.BigIntegerField(
        default=1, db_default=1, editable=False, help_text="Grows with every wish; what people saw before is outdated."
    )

    listener = models.ForeignKey(Listener, on_delete=models.SET_NULL, null=True, blank=True, related_name="connections")
    epoch = models.BigIntegerField(default=0, help_text="Grows with every assignment; what an older one says is void.")
    assigned_at = models.DateTimeField(null=True, blank=True)
    generation = models.BigIntegerField(default=0, help_text="Grows with every CONNECT.")

    status = models.CharField(max_length=12, choices=Status, default=Status.DISCONNECTED)
    status_since = models.DateTimeField(default=timezone.now)
    report_epoch = models.BigIntegerField(default=0)
    report_sequence = models.BigIntegerField(default=0)
    session = models.BigIntegerField(default=0, help_text="The generation at which the broker began our session.")
    mqtt_retry_count = models.PositiveIntegerField(default=0)
    mqtt_next_retry = models.DateTimeField(null=True, blank=True)
    last_connected_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    subscribed = ArrayField(models.TextField(), default=list, blank=True, help_text="Filters the broker has granted.")
    certificate_expires_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the first of the certificates in use expires."
    )
    certificate_name = models.CharField(max_length=32, blank=True, db_default="", editable=False)

    class Meta:
        ordering = ("site",)

    def __str__(self) -> str:
        return f"{self.site} @ {self.broker_host}:{self.broker_port}"

    def save(self, *args: object, **kwargs: object) -> None:
        """The client id is made once and stays: it names the session in which the broker keeps our messages."""
        if not self.client_id:
            self.client_id = (
                self.client_id_prefix + secrets.token_hex(8)[: CLIENT_ID_LIMIT - len(self.client_id_prefix)]
            )
        super().save(*args, **kwargs)  # type: ignore[arg-type]


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
    topic = models.ForeignKey(DiscoveredTopic, on_delete=models.CASCADE, db_constraint=False, related_name="samples")
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
    """A while in which a connection listens to everything. report: what was new, once it has ended."""

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


class MqttConnectionLog(models.Model):
    """What happened to a connection, as its listener told it."""

    class Level(models.TextChoices):
        INFO = "INFO"
        WARNING = "WARNING"
        ERROR = "ERROR"

    connection = models.ForeignKey(MqttConnection, on_delete=models.CASCADE, related_name="logs")
    timestamp = models.DateTimeField(default=timezone.now, db_index=True)
    level = models.CharField(max_length=8, choices=Level, default=Level.INFO)
    message = models.TextField()
    exception_type = models.CharField(max_length=128, blank=True)
    exception_traceback = models.TextField(blank=True)
    retry_attempt = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-timestamp", "-id")

    def __str__(self) -> str:
        return f"{self.timestamp:%Y-%m-%d %H:%M:%S} {self.level} {self.message}"


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


class RawMessage(models.Model):
    """A message that was understood, or that nobody knew, kept where its connection wishes so."""

    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, related_name="raw_messages"
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


class Mapping(models.Model):
    """A parser without code, of one site or of all. It is what its active version says; without one it rests."""

    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mappings",
        help_text="Empty: it reads all sites.",
    )
    name = models.CharField(
        max_length=64,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_\-]*\Z", "Use small letters, digits, - and _.")],
        help_text="As its parser is called.",
    )
    active = models.OneToOneField(
        "MappingVersion", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="active_of"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("site", "name"), name="mapping_name_once_per_site", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return self.name


class MappingVersion(models.Model):
    """What a mapping says, or said: never changed, so that what was read by it can be explained."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("mapping", "-number")
        constraints = (models.UniqueConstraint(fields=("mapping", "number"), name="version_number_once_per_mapping"),)

    def __str__(self) -> str:
        return f"version {self.number}"


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


class ParserCase(models.Model):
    """A captured message, and what a parser is expected to make of it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="parser_cases")
    name = models.CharField(max_length=128)
    parser_name = models.CharField(max_length=64)
    topic = models.CharField(max_length=512)
    payload = models.BinaryField()
    retain = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    expected = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("parser_name", "name")
        constraints = (
            models.UniqueConstraint(fields=("site", "parser_name", "name"), name="case_name_once_per_parser_and_site"),
        )

    def __str__(self) -> str:
        return self.name


class Lesson(models.Model):
    """What a message taught about how to read others at its site: the names of a birth, a unit, an announced sensor.

    source: the topic that taught it. about: what it is known by when it is used, mostly another topic.
    body: what the family makes of it; null where the source has taken it back.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_constraint=False, related_name="lessons")
    source = models.CharField(max_length=512)
    about = models.CharField(max_length=512)
    family = models.CharField(max_length=64)
    body = models.JSONField(null=True)
    taught_at = models.DateTimeField(help_text="Reception of the message that taught it.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "source", "about"), name="lesson_once_per_source"),)
        indexes = (models.Index(fields=("site", "about"), name="lessons_about"),)

    def __str__(self) -> str:
        return f"{self.about}, from {self.source}"


class Batch(models.Model):
    """What was begun and done. `begun` counts attempts that neither finished nor reported."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    size = models.PositiveIntegerField()
    begun = models.PositiveSmallIntegerField(default=1)
    begun_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)


class Receipt(models.Model):
    """The last QoS 1 message taken under a packet id of a broker's session, so that its redelivery is recognised."""

    pk = models.CompositePrimaryKey("connection_id", "session", "mid")
    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, related_name="receipts"
    )
    session = models.BigIntegerField(help_text="The generation at which the broker began it.")
    mid = models.PositiveIntegerField()
    generation = models.BigIntegerField()
    digest = models.UUIDField(help_text="128 bits of BLAKE2b over topic and payload.")
    received_at = models.DateTimeField()


class LedgerMinute(models.Model):
    """Where the messages of one connection, epoch, QoS and minute of reception went.

    `received` and `overflowed` are the listener's own counts; the fates are counted in the transaction that
    stored the data. received = stored + ignored + unrecognised + failed + duplicate + overflowed + lost + returned
    + in flight, at all times. lost: QoS 0, held by a listener when it died. returned: QoS 1, the broker sends it again.
    """

    pk = models.CompositePrimaryKey("connection_id", "epoch", "qos", "minute")
    connection = models.ForeignKey(MqttConnection, on_delete=models.CASCADE, db_constraint=False, related_name="ledger")
    epoch = models.BigIntegerField()
    qos = models.PositiveSmallIntegerField()
    minute = models.DateTimeField()
    received = models.BigIntegerField(default=0, db_default=0)
    stored = models.BigIntegerField(default=0, db_default=0)
    ignored = models.BigIntegerField(default=0, db_default=0)
    unrecognised = models.BigIntegerField(default=0, db_default=0)
    failed = models.BigIntegerField(default=0, db_default=0)
    duplicate = models.BigIntegerField(default=0, db_default=0)
    overflowed = models.BigIntegerField(default=0, db_default=0)
    lost = models.BigIntegerField(default=0, db_default=0)
    returned = models.BigIntegerField(default=0, db_default=0)
    is_closed = models.BooleanField(
        default=False, db_default=False, help_text="The listener's run has ended; what was in flight is booked."
    )

    class Meta:
        indexes = (
            # Each reconcile looks for the pages of ended runs: the few that are still open.
            models.Index(fields=("connection", "epoch"), condition=models.Q(is_closed=False), name="ledger_open_pages"),
            models.Index(fields=("minute",), name="ledger_minutes"),  # what is shown, and let go of, goes by time
        )


class Pulse(models.Model):
    """When something that must keep happening last did: reconcile, housekeeping, each queue's canary."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"


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
