"""Who is changing things: told to the database, whose triggers write the audit trail whatever the way of the change.

A change made without a request, by a task or a command, is the system's.
"""

from contextlib import suppress

from django.contrib.auth.models import User
from django.db import DatabaseError, connection

TELL = """
SELECT set_config('fieldledger.actor_id', %s, false), set_config('fieldledger.actor', %s, false),
    set_config('fieldledger.via', %s, false)
"""


def speak_for(user: User, via: str) -> None:
    """What this database connection changes from now on is this person's doing."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [str(user.pk), user.get_username(), via[:80]])


def speak_as(via: str) -> None:
    """What this database connection changes from now on is a command's doing."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, ["", "", via[:80]])


def be_silent() -> None:
    """The request is over: its connection may serve somebody else next. One that is broken has forgotten by itself."""
    if connection.connection is not None:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(TELL, ["", "", ""])
