"""What sensors read, and hours of it summed up."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Value

from sites.models.devices import Sensor


class Reading(models.Model):
    """One reading in history, once per (sensor, device time). The table is partitioned by month of `time`.

    claimed_time: what the device's clock said where it was implausible and `time` is reception instead.
    """

    pk = models.CompositePrimaryKey("sensor_id", "time")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, db_constraint=False, related_name="readings")
    time = models.DateTimeField()
    received_at = models.DateTimeField()
    values = ArrayField(models.FloatField())
    quality = models.CharField(max_length=12)
    claimed_time = models.DateTimeField(null=True)

    class Meta:
        db_table = "sites_reading"
        indexes = (BrinIndex(fields=("time",), name="sites_reading_time", autosummarize=True, pages_per_range=32),)


class Rollup(models.Model):
    """What a sensor read in one hour: how many readings, and per component the least, the sum, the most, how many.

    time: the hour's start. is_stale: readings have come since, and count instead of this row until it is made anew.
    Partitioned like readings.
    """

    pk = models.CompositePrimaryKey("sensor_id", "time")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, db_constraint=False, related_name="rollups")
    time = models.DateTimeField()
    readings = models.IntegerField(db_default=0)
    minima = ArrayField(models.FloatField(), db_default=Value("{}"))
    sums = ArrayField(models.FloatField(), db_default=Value("{}"))
    maxima = ArrayField(models.FloatField(), db_default=Value("{}"))
    counts = ArrayField(models.IntegerField(), db_default=Value("{}"))
    is_stale = models.BooleanField(db_default=False)

    class Meta:
        indexes = (
            models.Index(fields=("sensor", "time"), name="sites_rollup_stale", condition=models.Q(is_stale=True)),
        )


class RollupEdge(models.Model):
    """How far rollups are, in one row. Readings before `announced` mark their hours; hours before `rolled` are done.

    since: when the announcement was known to be committed.
    """

    announced = models.DateTimeField()
    since = models.DateTimeField(null=True)
    rolled = models.DateTimeField(null=True)
