"""Connections to brokers, who holds them, and what happened to them."""

import secrets
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from mqtt_app.certificates import validate_certificates, validate_key
from sites.fields import EncryptedTextField
from sites.models import Site

CLIENT_ID_LIMIT = 23  # characters every MQTT 3.1.1 server must accept [MQTT-3.1.3-5]


class Listener(models.Model):
    """A process that holds connections. Its heartbeat is the database's clock; silent for 10 s, it counts as dead."""

    name = models.CharField(max_length=128, unique=True)
    heartbeat = models.DateTimeField(default=timezone.now)
    beats = models.PositiveBigIntegerField(default=0, db_default=0, help_text="How often it has beaten.")
    started_at = models.DateTimeField(default=timezone.now)
    capacity = models.PositiveIntegerField(default=1_000, help_text="Connections it can hold.")
    is_stopping = models.BooleanField(default=False, help_text="It drains what it holds and takes no more.")
    suspected_at = models.DateTimeField(null=True, blank=True, help_text="When its heartbeat was first found too old.")
    oldest_pending_at = models.DateTimeField(
        null=True, blank=True, help_text="Reception of its oldest uncommitted message."
    )
    set_forward_at = models.DateTimeField(
        null=True, blank=True, help_text="When it saw last that the clock had been set forward."
    )

    DEAD_AFTER = timedelta(seconds=10)
    """A heartbeat older than this is late; it is renewed every 3 s."""

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def living(cls) -> models.QuerySet["Listener"]:
        """Whose heartbeat is of now. One that lies ahead is from before the clock was set back, nobody knows when."""
        return cls.objects.filter(heartbeat__range=(Now() - cls.DEAD_AFTER, Now() + cls.DEAD_AFTER))


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
    asks_for_births = models.BooleanField(
        "ask Sparkplug nodes for their births",
        default=False,
        db_default=False,
        help_text="When messages or births of a node were missed: publishes Node Control/Rebirth to it.",
    )
    retry_wished_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When somebody last asked for the next attempt at once."
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
    session_broker = models.TextField(
        blank=True, default="", db_default="", editable=False, help_text="Which broker keeps it, under which client id."
    )
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
