"""What a database says is told apart: it is away for now, it refuses this for good, or we made a mistake."""

import time
from collections.abc import Callable, Iterator

import pytest
from celery.exceptions import Retry
from django.db import DatabaseError, connection, transaction

from mqtt_app.ingest import ingest
from mqtt_app.messages import Fate, LogEntry
from mqtt_app.models import MqttParsingLog
from mqtt_app.records import batches, transactions
from mqtt_app.records.transactions import DB_ERRORS, is_absence, patiently
from sites.models import Datalogger
from tasks.control import record_reports
from tests.field import batch, connect, ledger, message, telemetry

pytestmark = pytest.mark.django_db(transaction=True)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def says() -> Iterator[Callable[..., None]]:
    """From then on the database answers with this SQLSTATE whoever adds a row with the word BAD to the table."""

    def begin(state: str, table: str = "sites_datalogger") -> None:
        run(
            "CREATE FUNCTION says() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW::text LIKE '%BAD%' THEN "
            f"RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$"
        )
        run(f"CREATE TRIGGER says BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION says()")

    yield begin
    run("DROP FUNCTION IF EXISTS says CASCADE")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mqtt_app.ingest.DATABASE_PATIENCE_S", 0)
    monkeypatch.setattr(transactions, "PAUSE_S", 0.01)


def test_a_mistake_in_a_failed_transaction_is_not_waited_for_as_if_the_database_were_away() -> None:
    tries = []

    def mistaken() -> None:
        tries.append(1)
        with transaction.atomic():
            with pytest.raises(DatabaseError):
                run("SELECT 1 / 0")
            run("SELECT 1")

    with pytest.raises(DB_ERRORS) as found:
        patiently(mistaken, 5)
    assert not is_absence(found.value)
    assert len(tries) == 1


def test_a_read_only_database_is_waited_for() -> None:
    tries = []

    def write() -> None:
        tries.append(1)
        with transaction.atomic():
            if len(tries) == 1:
                run("SET TRANSACTION READ ONLY")
            run("CREATE TABLE written (); DROP TABLE written")

    patiently(write, 5)
    assert len(tries) == 2


@pytest.mark.parametrize("state", ["25006", "25P03", "57P01", "53100", "57014", "XX000", "25P02", "42P01"])
def test_only_an_attempt_that_met_an_absent_database_counts_against_no_message(
    says: Callable[..., None], hurried: None, state: str
) -> None:
    """A standby, a session that was ended, a full disk; and then broken data, a failed transaction, a missing table."""
    connection_ = connect()
    says(state)
    one = batch(connection_, message(payload=telemetry(serial="BAD")))
    with pytest.raises(DB_ERRORS):
        ingest(one)
    is_away = state not in ("XX000", "25P02", "42P01")
    run("UPDATE mqtt_app_batch SET begun_at = now() - interval '1 minute'")
    assert batches.begin(one) is (batches.Standing.FIRST if is_away else batches.Standing.SUSPECT)


@pytest.mark.parametrize("state", ["54000", "54001", "22003", "23514"])
def test_what_the_database_refuses_fails_alone_and_its_neighbours_are_stored(
    says: Callable[..., None], hurried: None, state: str
) -> None:
    """Beyond a limit of PostgreSQL's, out of range, against a rule: asked again it would refuse again."""
    connection_ = connect()
    says(state)
    spoken = [message(payload=telemetry(serial=serial)) for serial in ("A", "BAD", "B", "C")]
    outcome = ingest(batch(connection_, *spoken))
    assert outcome is not None
    assert outcome.fates == [Fate.STORED, Fate.FAILED, Fate.STORED, Fate.STORED]
    assert sorted(Datalogger.objects.values_list("serial", flat=True)) == ["A", "B", "C"]
    (kept,) = MqttParsingLog.objects.all()
    assert (kept.error_type, bytes(kept.payload)) == ("database_refused", telemetry(serial="BAD"))
    assert ledger(connection_) == {"received": 4, "stored": 3, "failed": 1}


@pytest.mark.parametrize(("state", "comes_again"), [("57P01", True), ("25006", True), ("25P02", False)])
def test_reports_are_told_again_to_an_absent_database_and_never_for_a_mistake(
    says: Callable[..., None], state: str, comes_again: bool
) -> None:
    connection_ = connect()
    says(state, "mqtt_app_mqttconnectionlog")
    entry = list(LogEntry(connection_.pk, time.time(), "INFO", "BAD"))
    with pytest.raises(Retry if comes_again else DatabaseError):
        record_reports.apply(args=([], [entry]), throw=True)
