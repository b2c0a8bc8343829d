"""What would cost the suite half its time, done once or not at all.

Django's flush between tests that commit truncates every table and makes every permission anew; each test client looks
for all static files. A password's hash is made to be slow; here it is the same hash with the least that it may cost.
"""

from functools import cache
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase
from servestatic.middleware import ServeStaticMiddleware

from sites.apps import make_partitions

KEPT = {"django_content_type", "auth_permission"}  # made by migrating, and the same for every test


@cache
def _question() -> str:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})"  # noqa: S608
        for table in sorted(set(tables) - KEPT)
    )


def empty_tables(_case: TransactionTestCase) -> None:
    """Deletes all rows that tests may have committed, without asking keys and triggers."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        if filled := [table for (table,) in cursor.fetchall()]:
            deletions = "; ".join(f"DELETE FROM {table}" for table in filled)  # noqa: S608
            cursor.execute(
                f"SET session_replication_role = replica; {deletions}; SET session_replication_role = DEFAULT"
            )
    make_partitions()


scan = ServeStaticMiddleware.add_files_from_finders
found: dict[str, Any] = {}


def scan_once(middleware: ServeStaticMiddleware) -> None:
    """The static files as the first middleware of this process found them."""
    if not found:
        scan(middleware)
        found.update(middleware.files)
    middleware.files.update(found)


def install() -> None:
    """For all tests of this process."""
    TransactionTestCase._fixture_teardown = empty_tables
    ServeStaticMiddleware.add_files_from_finders = scan_once
    cheap = Argon2PasswordHasher
    cheap.time_cost, cheap.memory_cost, cheap.parallelism = 1, 8, 1  # KiB; processes of ours keep the real ones
