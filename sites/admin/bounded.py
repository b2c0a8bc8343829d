"""What a page shows beside its own subject: read in a bounded time, and left out where that is not enough."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, transaction

from sites.upsert import query

logger = logging.getLogger(__name__)

T = TypeVar("T")


def within(milliseconds: int, read: Callable[[], T]) -> T | None:
    """What `read` finds in the database; None where that takes longer, or cannot be found now."""
    limit = "SELECT set_config('statement_timeout', %s, true)"
    try:
        with transaction.atomic():
            [[before]] = query("SELECT current_setting('statement_timeout')")
            query(limit, [str(milliseconds)])
            found = read()
            query(limit, [before])
    except DatabaseError as error:
        logger.warning("A page of the admin goes without a part: %s", error)
        return None
    return found
