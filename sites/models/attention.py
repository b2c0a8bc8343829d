"""What people say of what is wrong."""

from django.db import models
from django.utils import timezone

from sites.models.devices import Datalogger, Gateway
from sites.models.sites import Site


class Acknowledgement(models.Model):
    """Somebody knows of what is wrong with a site, or with the device that is named, and says so in a note.

    It holds until things change: mqtt_app.alerting.attention.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="acknowledgements")
    gateway = models.OneToOneField(Gateway, on_delete=models.CASCADE, null=True, related_name="acknowledgement")
    datalogger = models.OneToOneField(Datalogger, on_delete=models.CASCADE, null=True, related_name="acknowledgement")
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150, help_text="Name of the person.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=("site",),
                condition=models.Q(gateway__isnull=True, datalogger__isnull=True),
                name="one_acknowledgement_of_a_site",
            ),
            models.CheckConstraint(
                condition=models.Q(gateway__isnull=True) | models.Q(datalogger__isnull=True),
                name="acknowledges_one_device_at_most",
            ),
        )

    def __str__(self) -> str:
        return self.note or self.by
