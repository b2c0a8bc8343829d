"""What parsers know from elsewhere than code: mappings, cases they must keep to, and what messages taught."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from sites.models import Site


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
