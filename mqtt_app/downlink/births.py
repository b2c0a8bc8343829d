"""Sparkplug nodes whose messages or births we missed, and asking them for their births, where that is allowed.

Workers write down which numbers arrived; they do not judge them, because they read out of order. The judge looks only
at what was received before the oldest message that has no fate yet: of that, the order is known.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from mqtt_app import connection_events
from mqtt_app.assignments import LEASE
from mqtt_app.downlink import commands
from mqtt_app.judging.verdicts import Route, Verdict, source
from mqtt_app.messages import Batch, Fate, LogEntry
from mqtt_app.models import MqttConnection, SparkplugArrival, SparkplugNode
from mqtt_app.parsers.base import Reason
from mqtt_app.parsers.sparkplug.namespace import Birth, Data, Sparkplug, rebirth
from mqtt_app.parsers.sparkplug.sequence import Kind, Standing, arrival, follow
from sites.binary import Column, arrays
from sites.upsert import query, unnest

LOCK = 7_263_007
"""Advisory lock: nodes are judged once at a time."""

ASK_AGAIN = timedelta(minutes=10)  # doubled with each request that no birth answered
RAREST = timedelta(days=1)
ASKED_AT_ONCE = 20  # nodes of one connection in one run, so that a thousand births do not come together
SENT_WITHIN = timedelta(seconds=60)
NODES = 10_000  # of one connection that are remembered
ROWS = 20_000  # arrivals that one run judges
HEARD = (Fate.STORED, Fate.FAILED)
NAMED = 5  # nodes in a line of the log

FORBIDDEN = (
    "Messages or births of Sparkplug nodes were missed. They are not asked for their births: this connection may not "
    "publish to them by itself. Allow it there, or ask a node yourself."
)
Lack = SparkplugNode.Lack
ARRIVALS: Sequence[Column] = [
    ("connection_id", "bigint"), ("node", "text"), ("said", "text"), ("newest", "timestamptz"),
]  # fmt: skip
WRITE = f"""
INSERT INTO mqtt_app_sparkplugarrival (connection_id, node, said, newest)
SELECT connection_id, node, said::jsonb, newest FROM {unnest(ARRIVALS)}
"""  # noqa: S608
TAKE = f"""
DELETE FROM mqtt_app_sparkplugarrival WHERE id IN (
    SELECT id FROM mqtt_app_sparkplugarrival WHERE connection_id = %s AND newest < %s ORDER BY newest LIMIT {ROWS}
) RETURNING id, node, said::text
"""  # noqa: S608


class Born(NamedTuple):
    """A node that has told its births after messages came that needed them. node: the topic of its commands."""

    connection_id: int
    site_id: int
    node: str


class Said(NamedTuple):
    """One message of a node, by the topic of its commands."""

    connection_id: int
    node: str
    received_at: float
    seq: int | None
    kind: Kind


def heard(batch: Batch, ways: Sequence[Route | None], verdicts: Sequence[Verdict]) -> Iterator[Said]:
    """What a batch brought from nodes, in order; a retained message is no part of a sequence."""
    for message, way, verdict in zip(batch.messages, ways, verdicts, strict=True):
        if way and verdict.parser == Sparkplug.name and verdict.fate in HEARD and verdict.topic and not message.retain:
            inner = source(verdict, way)
            report = verdict.report  # a message that failed has none: it is looked at once more
            if found := report.arrival if isinstance(report, Birth | Data) else arrival(inner, message.payload):
                node = verdict.topic.removesuffix(inner) + found.commands
                kind: Kind = "birth" if found.is_birth else "unnamed" if _lacks_names(verdict) else "data"
                yield Said(way.connection_id, node, message.received_at, found.seq, kind)


def _lacks_names(verdict: Verdict) -> bool:
    problems = verdict.report.problems if verdict.report else ()
    return any(reason.startswith(Reason.NOT_YET_KNOWN) for reason in (verdict.reason, *(p.reason for p in problems)))


def record(said: Iterable[Said]) -> None:
    """Write down what arrived, a row for each node. Needs the transaction of the messages."""
    nodes: dict[tuple[int, str], list[Said]] = defaultdict(list)
    for one in said:
        nodes[one.connection_id, one.node].append(one)
    rows = [
        (
            connection_id,
            node,
            json.dumps([[one.received_at, one.seq, one.kind] for one in found]),
            datetime.fromtimestamp(max(one.received_at for one in found), UTC),
        )
        for (connection_id, node), found in sorted(nodes.items())
    ]
    if rows:
        query(WRITE, arrays(rows, ARRIVALS))


@transaction.atomic
def tend() -> list[Born]:
    """Judge what arrived and ask for births; does nothing when another run is at it. Returns whose births were missed
    and are here now.
    """
    born: list[Born] = []
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0][0]:
        return born
    now = query("SELECT now()")[0][0]
    speaking = SparkplugArrival.objects.order_by().values_list("connection_id", flat=True).distinct()
    lacking = SparkplugNode.objects.exclude(lacks=Lack.NOTHING).values_list("connection_id", flat=True).distinct()
    wanted = MqttConnection.objects.filter(pk__in={*speaking, *lacking}, listener__isnull=False)
    for connection in wanted.defer("password", "client_key").select_related("listener", "site").order_by("pk"):
        assert connection.listener is not None
        if connection.listener.heartbeat < now - LEASE:
            continue  # what it has under way is not known
        fresh, named = _judge(connection, connection.listener.oldest_pending_at or connection.listener.heartbeat)
        if fresh:
            _say(connection, f"Sparkplug: {_counted(fresh, 'missed messages, or births')}.")
        born += [Born(connection.pk, connection.site_id, node) for node in named]
        _ask(connection, now)
    return born


def commands_topic(connection: MqttConnection, group: str, node: str) -> str:
    """Where a node takes its commands: a bridge may have put the site's name before all that it says."""
    topic = f"spBv1.0/{group}/NCMD/{node}"
    bridged = f"{connection.site.slug}/{topic}"
    heard = SparkplugNode.objects.filter(connection=connection, node__in=(topic, bridged)).order_by("-heard_at")
    return heard.values_list("node", flat=True).first() or topic


def _judge(connection: MqttConnection, before: datetime) -> tuple[list[str], list[str]]:
    """Follow each node's numbers up to `before`; returns the nodes that lack something since now, and those whose
    names were missing and have been told.
    """
    said: dict[str, list[tuple[float, int | None, Kind]]] = defaultdict(list)
    for _, node, found in sorted(query(TAKE, [connection.pk, before])):
        said[node] += map(tuple, json.loads(found))
    known = {row.node: row for row in SparkplugNode.objects.filter(connection=connection, node__in=said)}
    room = NODES - SparkplugNode.objects.filter(connection=connection).count() if said.keys() - known.keys() else 0
    fresh, named = [], []
    for node, messages in said.items():
        row = known.get(node)
        if row is None:
            if room <= 0:
                continue
            room, row = room - 1, SparkplugNode(connection=connection, node=node)
        messages.sort(key=lambda one: one[0])
        lacked = row.lacks == Lack.NAMES or any(kind == "unnamed" for _, _, kind in messages)
        if lacked and any(kind == "birth" for _, _, kind in messages):
            named.append(node)
        if _settle(row, follow(row.seq, [one[1:] for one in messages]), messages[-1][0]):
            fresh.append(node)
        row.save()
    return fresh, named


def _settle(row: SparkplugNode, standing: Standing, heard: float) -> bool:
    """Bring a node up to date; says whether it lacks something since now."""
    row.seq, row.heard_at = standing.seq, datetime.fromtimestamp(heard, UTC)
    row.gaps += bool(standing.missed)
    if standing.was_born:
        row.lacks, row.lacks_since, row.asked = Lack.NOTHING, None, 0
    lacks = Lack.MESSAGES if standing.missed else Lack.NAMES if standing.is_unnamed else Lack.NOTHING
    if lacks and not row.lacks:
        row.lacks, row.lacks_since = lacks, row.heard_at
        return True
    return False


def _ask(connection: MqttConnection, now: datetime) -> None:
    """Ask the nodes that lack something longest; each at most once in ASK_AGAIN, and few at once."""
    lacking = SparkplugNode.objects.filter(connection=connection).exclude(lacks=Lack.NOTHING)
    if not lacking.exists():
        return
    if not connection.asks_for_births:
        connection_events.warn_daily([(connection.pk, FORBIDDEN)])
        return
    if connection.status != MqttConnection.Status.CONNECTED:
        return
    due = (row for row in lacking.order_by("lacks_since", "pk") if _is_due(row, now))
    asked = []
    for row in islice(due, ASKED_AT_ONCE):
        try:
            how = {"qos": 0, "retain": False, "expires_at": now + SENT_WITHIN}
            commands.publish(connection, row.node, rebirth(now), None, **how)
        except commands.TooMany:
            break  # the others are asked when these are sent
        asked.append(row)
    if asked:
        SparkplugNode.objects.filter(pk__in=[row.pk for row in asked]).update(asked_at=now, asked=F("asked") + 1)
        _say(connection, f"Sparkplug: asked for births: {_counted([row.node for row in asked], '')}.")


def _is_due(row: SparkplugNode, now: datetime) -> bool:
    return row.asked_at is None or row.asked_at + min(ASK_AGAIN * 2 ** min(max(row.asked - 1, 0), 10), RAREST) <= now


def _counted(nodes: Sequence[str], what: str) -> str:
    """How many nodes, and the first of them by group and name."""
    names = ", ".join("/".join(node.split("/")[-3::2]) for node in sorted(nodes)[:NAMED])
    count = f"{len(nodes)} nodes" if len(nodes) > 1 else "1 node"
    return f"{count} {what} ({names}{', …' if len(nodes) > NAMED else ''})".replace("  ", " ")


def _say(connection: MqttConnection, words: str) -> None:
    connection_events.write([LogEntry(connection.pk, datetime.now(UTC).timestamp(), "INFO", words)])
