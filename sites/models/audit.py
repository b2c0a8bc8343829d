"""Who changed what and when."""

from django.db import models

from sites.models.sites import Site


class AuditEntry(models.Model):
    """Who changed what and when, or was refused it. Written by triggers in the database, refusals by sites.audit.

    The database also keeps it as it is.

    changes: {column: [before, after]}; of a secret only that it changed. site: where it belongs, also when deleted.
    """

    class Action(models.TextChoices):
        CREATE = "create"
        CHANGE = "change"
        DELETE = "delete"
        REFUSE = "refuse"

    at = models.DateTimeField()
    actor_id = models.IntegerField(null=True)
    actor = models.CharField(max_length=150)
    via = models.CharField(max_length=80, help_text="session, a token, or system for what no person asked for.")
    action = models.CharField(max_length=8, choices=Action)
    kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    label = models.TextField()
    site = models.ForeignKey(Site, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    changes = models.JSONField()

    class Meta:
        managed = False  # so that nothing which empties tables, like a test, tries it here
        db_table = "sites_auditentry"
        ordering = ("-id",)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor or self.via}: {self.action} {self.kind} {self.label}"
