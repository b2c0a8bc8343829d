"""Where every message went: batches, receipts, the ledger; and what must keep happening."""

import uuid

from django.db import models
from django.utils import timezone

from mqtt_app.models.connections import MqttConnection


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
    connection = models.ForeignKey(  # the primary key begins with it: an index of its own would only be written
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="receipts"
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
    connection = models.ForeignKey(
        MqttConnection, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="ledger"
    )
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
