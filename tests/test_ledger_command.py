"""`manage.py ledger` says where every message went, and its exit status says whether any is missing."""

import io
import json
import threading
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.utils import timezone

from mqtt_app.models import LedgerMinute
from tests import rows

NOW = timezone.now()


@pytest.fixture
def field(transactional_db: None) -> SimpleNamespace:
    found = rows.furnished()
    LedgerMinute.objects.all().delete()
    return found


def book(field: SimpleNamespace, **columns: int) -> None:
    LedgerMinute.objects.create(connection=field.connection, epoch=1, qos=1, minute=NOW, **columns)


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("ledger", *arguments, stdout=out, no_color=True)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_books_that_balance_are_said_to_and_so_is_what_is_in_flight(field: SimpleNamespace) -> None:
    book(field, received=5, stored=3, failed=1)
    status, said = run()
    head, line, verdict = said.splitlines()
    assert dict(zip(head.replace("in flight", "in_flight").split()[1:], line.split()[2:], strict=False)) == {
        "received": "5", "stored": "3", "ignored": "0", "unrecognised": "0", "failed": "1", "duplicate": "0",
        "overflowed": "0", "lost": "0", "returned": "0", "in_flight": "1",
        "unexplained": "0",
    }  # fmt: skip
    assert line.startswith("The site_001 ")
    assert line.endswith(" balanced")
    assert (status, verdict) == (0, "The books balance, with 1 messages in flight.")


def test_books_that_do_not_balance_end_with_status_1(field: SimpleNamespace) -> None:
    book(field, received=5, stored=3, is_closed=True)
    status, said = run()
    assert status == 1
    assert "DOES NOT BALANCE" in said
    assert "do not balance" in said


def test_json_is_what_rest_says(field: SimpleNamespace) -> None:
    book(field, received=5, stored=4, duplicate=1)
    root = rows.browser(rows.person("root", is_superuser=True))
    assert (0, root.get("/api/v1/mqtt/ledger/").json()) == (run("--json")[0], json.loads(run("--json")[1]))


def test_an_empty_ledger_balances(field: SimpleNamespace) -> None:
    assert run("--drain", "5")[0] == 0


def test_what_never_drains_is_waited_for_in_vain(field: SimpleNamespace) -> None:
    book(field, received=1)
    assert run()[0] == 0
    assert run("--drain", "0.3")[0] == 1


def test_it_waits_until_nothing_is_in_flight(field: SimpleNamespace) -> None:
    book(field, received=1)

    def commit() -> None:
        LedgerMinute.objects.update(stored=1)
        database.close()

    later = threading.Timer(0.5, commit)
    later.start()
    status, said = run("--drain", "20")
    later.join()
    assert (status, "nothing is in flight" in said) == (0, True)
