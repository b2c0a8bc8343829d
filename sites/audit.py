"""Who is changing things: told to the database, whose triggers write the audit trail whatever the way of the change.

A change made without a request, by a task or a command, is the system's. What was refused is no change: it is written
down here.
"""

import logging
from contextlib import suppress

from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from sites.upsert import query

logger = logging.getLogger(__name__)

TELL = """
SELECT set_config('fieldledger.actor_id', %s, false), set_config('fieldledger.actor', %s, false),
    set_config('fieldledger.via', %s, false)
"""

REFUSALS = 10
"""Of a person in a minute: nobody fills with them a table that is never emptied. Each request counts once a minute."""

ONE_BY_ONE = "SELECT pg_advisory_xact_lock(7263006, current_setting('fieldledger.actor_id')::integer)"
REFUSE = """
INSERT INTO sites_auditentry (actor_id, actor, via, action, kind, object_id, label, site_id, changes)
SELECT who, current_setting('fieldledger.actor'), current_setting('fieldledger.via'), 'refuse', 'request', '',
    %(label)s, (SELECT id FROM sites_site WHERE id = %(site)s::bigint), '{}'
FROM (SELECT current_setting('fieldledger.actor_id')::integer AS who) AS caller
CROSS JOIN LATERAL (
    SELECT count(*) AS made, count(*) FILTER (WHERE label = %(label)s) AS same FROM sites_auditentry
    WHERE action = 'refuse' AND actor_id = who
    AND at BETWEEN statement_timestamp() - interval '1 minute' AND statement_timestamp()
) AS recent
WHERE made < %(most)s AND same = 0
"""


def speak_for(user: User, via: str) -> None:
    """What this database connection changes from now on is this person's doing."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [str(user.pk), user.get_username(), via[:80]])


def speak_as(via: str) -> None:
    """What this database connection changes from now on is a command's doing."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, ["", "", via[:80]])


def refused(label: str, site: int | None) -> None:
    """Whoever `speak_for` named asked for a change, and it was refused. Never raises; without a name it does nothing.

    site: the one that was meant, whether or not there is such a site.
    """
    try:
        if query("SELECT coalesce(current_setting('fieldledger.actor_id', true), '')")[0][0]:
            with transaction.atomic():
                query(ONE_BY_ONE)
                query(REFUSE, {"label": label, "site": site, "most": REFUSALS})
    except DatabaseError as error:
        logger.warning("A refused request is not on record: %s", error)


def be_silent() -> None:
    """The request is over: its connection may serve somebody else next. One that is broken has forgotten by itself."""
    if connection.connection is not None:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(TELL, ["", "", ""])
