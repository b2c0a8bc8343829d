"""Who may see and do what, by which key, how they like their screens, and what they come back to."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from sites.models.sites import Site


class Role(models.TextChoices):
    """What a member may do at a site; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Membership(models.Model):
    """Who may see a site, and do what there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.VIEWER)

    class Meta:
        ordering = ("site", "user")
        constraints = (models.UniqueConstraint(fields=("user", "site"), name="one_role_per_user_and_site"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.site}"


class Profile(models.Model):
    """How a person likes their screens."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        ITALIAN = "it", "Italiano"

    class Theme(models.TextChoices):
        AUTO = "auto", "as the device says"
        LIGHT = "light"
        DARK = "dark"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    single_keys = models.BooleanField(default=True, db_default=True, help_text="Shortcuts of one letter.")


class Bookmark(models.Model):
    """A place that a person comes back to: a view of a list, or a pinned topic. address: path and query."""

    class Target(models.TextChoices):
        VIEW = "view", "a view of the devices list"
        TOPIC = "topic", "a pinned topic"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks")
    kind = models.CharField(max_length=8, choices=Target)
    name = models.CharField(max_length=512)
    address = models.CharField(max_length=2_000)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "name"), name="bookmark_name_once_per_user_and_kind"),
        )

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A program's key. Only its SHA-256 is kept; the token itself is shown once, when it is made."""

    class Scope(models.TextChoices):
        READ = "read"
        OPERATE = "operate"
        ADMIN = "admin"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    site_ids = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        editable=False,
        help_text="The sites it is for, at most; empty: all of its user's.",
    )
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def __repr__(self) -> str:
        return f"<ApiToken {self.prefix}…>"
