"""REST as the web process really serves it."""

from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from sites import tokens
from tests import rows, web

pytestmark = pytest.mark.django_db(transaction=True)


def database_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_requests_leave_no_database_connection_behind():
    _, secret = tokens.issue(rows.person("ada"), "t", "read", timezone.now() + timedelta(days=1))
    with web.serving() as address, httpx.Client(headers={"Authorization": f"Bearer {secret}"}) as program:
        before = database_sessions()
        for _ in range(20):
            assert program.get(f"http://{address}/api/v1/sites/").status_code == 200
        web.wait_until(lambda: database_sessions() <= before)
