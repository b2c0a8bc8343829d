"""Commands down to devices: queued until their connection is open, sent once, answered, or over – never sent again.

A device takes one command at a time, and answers name no request: an answer belongs to the command of its topic that
waits, if the method is the same or its sibling. Who claims a command writes so before it is sent; whoever dies in
between leaves one of which nobody knows whether it arrived, and that is said.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from mqtt_app.downlink import backfill
from mqtt_app.exploring.discovery import sample
from mqtt_app.messages import Order, Word
from mqtt_app.models import Command, MqttConnection
from sites.binary import arrays
from sites.upsert import query, unnest

State = Command.Fulfilment

QUEUED_PER_CONNECTION = 1_000
TAKEN_AT_ONCE = 100
STUCK = timedelta(seconds=60)
"""A command that was claimed and of which its listener says nothing for so long: the listener is gone."""

LATE = timedelta(hours=1)
"""An answer to a command that timed out is still taken for so long."""

SIBLINGS = {"acquisition": "collection", "collection": "acquisition"}

UNSURE = "The connection ended before the broker confirmed it: it may have arrived. It is not sent again."
NO_ANSWER = "No answer came in time."
TOO_LATE = "It could not be sent before it expired."


class TooMany(Exception):
    """A connection has as many commands waiting as it may have."""


def request(
    connection: MqttConnection, place: str, method: str, params: Mapping[str, Any], user: User | None, **limits: Any
) -> Command:
    """Queue a command of the field's protocol. place: {g}/datalogger/{d} of its topic. Raises TooMany."""
    payload = json.dumps({"method": method, "params": params}, separators=(",", ":")).encode()
    topic = f"{connection.site.slug}/gateway/{place}/cmd"
    return _queue(connection, user, kind=Command.Kind.PROTOCOL, topic=topic, payload=payload, method=method, **limits)


def publish(connection: MqttConnection, topic: str, payload: bytes, user: User | None, **how: Any) -> Command:
    """Queue a message as it is, to which no answer is expected. user: None where nobody asked. Raises TooMany."""
    return _queue(connection, user, kind=Command.Kind.RAW, topic=topic, payload=payload, **how)


def _queue(connection: MqttConnection, user: User | None, **fields: Any) -> Command:
    if Command.objects.filter(connection=connection, state=State.QUEUED).count() >= QUEUED_PER_CONNECTION:
        raise TooMany(f"{QUEUED_PER_CONNECTION} commands of this connection wait already; cancel some first.")
    return Command.objects.create(site=connection.site, connection=connection, created_by=user, **fields)


def cancel(pk: int) -> bool:
    """Whether it was still waiting."""
    waiting = Command.objects.filter(pk=pk, state=State.QUEUED)
    return waiting.update(state=State.CANCELLED) == 1


TAKE = """
UPDATE mqtt_app_command c SET state = 'sending', sent_at = now()
FROM (
    SELECT DISTINCT ON (q.connection_id, q.topic) q.id
    FROM mqtt_app_command q JOIN mqtt_app_mqttconnection m ON m.id = q.connection_id
    WHERE q.state = 'queued' AND q.expires_at > now() AND m.listener_id = %s AND m.status = 'connected'
    AND NOT EXISTS (
        SELECT 1 FROM mqtt_app_command b WHERE b.connection_id = q.connection_id AND b.topic = q.topic
        AND b.kind = 'protocol' AND b.state IN ('sending', 'sent')
    )
    ORDER BY q.connection_id, q.topic, q.id LIMIT %s
) due
WHERE c.id = due.id AND c.state = 'queued'
RETURNING c.id, c.connection_id, c.topic, c.payload, c.qos, c.retain
"""


def take(listener_id: int) -> list[Order]:
    """Claim what this listener's open connections may send now: of each device the oldest, if it is not busy."""
    rows = query(TAKE, [listener_id, TAKEN_AT_ONCE])
    return [
        Order(pk, to, topic.encode(), bytes(body), qos, retain) for pk, to, topic, body, qos, retain in sorted(rows)
    ]


SETTLE = f"""
UPDATE mqtt_app_command SET
    state = CASE WHEN state = 'queued' THEN 'expired' ELSE 'timed_out' END,
    error = CASE WHEN state = 'queued' THEN %s WHEN state = 'sending' THEN %s ELSE %s END
WHERE (state = 'queued' AND expires_at <= now())
    OR (state = 'sent' AND sent_at + timeout_s * interval '1 second' <= now())
    OR (state = 'sending' AND sent_at <= now() - interval '{STUCK.total_seconds():.0f} seconds')
"""  # noqa: S608


def settle() -> None:
    """End what waited too long: to be sent, or for an answer."""
    if Command.objects.filter(state__in=[State.QUEUED, State.SENDING, State.SENT]).exists():
        query(SETTLE, [TOO_LATE, UNSURE, NO_ANSWER])


WORDS = [("id", "bigint"), ("what", "text")]
TELL = f"""
UPDATE mqtt_app_command c SET
    state = CASE
        WHEN v.what = 'unsent' THEN 'queued'
        WHEN c.kind = 'raw' THEN CASE WHEN v.what = 'sent' THEN 'delivered' ELSE 'timed_out' END
        ELSE 'sent' END,
    sent_at = CASE WHEN v.what = 'unsent' THEN NULL ELSE c.sent_at END,
    error = CASE WHEN v.what = 'lost' THEN %s ELSE c.error END
FROM {unnest(WORDS)} WHERE c.id = v.id AND c.state = 'sending'
"""  # noqa: S608


def tell(words: Sequence[Word]) -> None:
    """Write down what became of orders. An answer may have been faster."""
    if words:
        query(TELL, [UNSURE, *arrays(sorted(set(words)), WORDS)])


def _answering(states: str, order: str) -> str:
    """Gives an answer to the command that it is for. brought: readings that earlier answers to it have."""
    return f"""
WITH due AS (
    SELECT id, coalesce((answer->'merged'->>'readings')::integer, 0) AS brought FROM mqtt_app_command
    WHERE site_id = %s AND topic = %s AND kind = 'protocol' AND method = ANY(%s) AND (
        state IN ('sending', 'sent')
        OR (state IN ({states}) AND sent_at > now() - interval '{LATE.total_seconds():.0f} seconds')
    )
    ORDER BY {order} LIMIT 1 FOR UPDATE
)
UPDATE mqtt_app_command c SET state = %s, answer = %s::jsonb, answered_at = %s, error = %s FROM due WHERE c.id = due.id
RETURNING c.id, c.payload, c.sent_at, due.brought
"""  # noqa: S608


ANSWER = _answering("'timed_out'", "state = 'timed_out', id")
BROUGHT = _answering("'timed_out', 'done'", "state IN ('timed_out', 'done'), id DESC")


class Answer(NamedTuple):
    """A message on …/cmdres, or on …/data, where history comes that was asked for. row: its place in its batch."""

    row: int
    site_id: int
    topic: str
    payload: bytes
    received_at: datetime


def is_answer(topic: str) -> bool:
    return topic.endswith(("/cmdres", "/data")) and "/datalogger/" in topic


def answer(answers: Iterable[Answer]) -> list[int]:
    """Give each answer to the command that waits for it, if any does. Needs a transaction; may be said twice.

    Returns the rows of those that brought history of which all is known now, or some is new.
    """
    merged_rows: list[int] = []
    for one in answers:
        method, status, words = _read(one.payload)
        brings = one.topic.endswith("/data")
        if brings:
            method = backfill.METHOD
        if not method:
            continue
        state = State.DONE if status == "success" or (brings and not status) else State.REFUSED
        shown = sample(one.payload)
        topic = f"{one.topic.removesuffix('data')}cmd" if brings else one.topic.removesuffix("res")
        place = [one.site_id, topic, [method, *_sibling(method)]]
        about = [state, json.dumps(shown), one.received_at, words[:500]]
        for pk, payload, sent_at, brought in query(BROUGHT if brings else ANSWER, [*place, *about]):
            if method == backfill.METHOD and state == State.DONE:
                merged = backfill.merge(one.site_id, bytes(payload), sent_at, one.payload, one.received_at)
                if merged.readings or not merged.refused:
                    merged_rows.append(one.row)
                said = shown | {"merged": merged._replace(readings=brought + merged.readings)._asdict()}
                Command.objects.filter(pk=pk).update(answer=said)
    return merged_rows


def _read(payload: bytes) -> tuple[str, str, str]:
    """Method, status and message of an answer; no method where it is none."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return "", "", ""
    if not isinstance(said, dict):
        return "", "", ""
    method, status, words = (said.get(name) for name in ("method", "status", "message"))
    clean = [_clean(one) for one in (method, status, words)]
    return clean[0][:64], clean[1], clean[2] if clean[1] != "success" else ""


def _clean(word: object) -> str:
    return str(word).replace("\0", "␀").encode(errors="replace").decode() if word else ""


def _sibling(method: str) -> list[str]:
    """start_collection is answered by start_acquisition, and the other way round."""
    verb, _, what = method.partition("_")
    return [f"{verb}_{SIBLINGS[what]}"] if what in SIBLINGS else []
