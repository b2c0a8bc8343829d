"""Celery's part of the settings, and no more.

A worker tells Flower, and whoever asks it, all that it was configured with; Django's settings hold passwords.
"""

from django.conf import settings

PREFIX = "CELERY_"

own = {name.removeprefix(PREFIX).lower(): getattr(settings, name) for name in dir(settings) if name.startswith(PREFIX)}
"""Celery's names, in small letters, and their values. The broker's password is masked by Celery itself."""

# Celery's fixup for Django asks for this one by its full name. Without it each task connects to the database anew, and
# the server plans anew what it is asked; project.celery sees to connections that have died.
own["CELERY_DB_REUSE_MAX"] = 10_000  # half the tasks after which it connects anew all the same
