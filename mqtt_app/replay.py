"""Read kept messages again: first to see what would come of it, then for good, in small steps that a kill cannot harm.

Replay is not reception: the ledger, presence, live events and whatever watches them see nothing of it. A reading keeps
the times it had, and newer latest values stay.
"""

import time
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from mqtt_app.judging import trials
from mqtt_app.models import MqttParsingLog, RawMessage, Replay
from mqtt_app.records.transactions import patiently
from mqtt_app.rereading import Outcome, Slice, summed
from mqtt_app.topics import regular_expression

SLICE = 200  # messages read in one transaction
TURN_S = 5.0  # of a worker's time, before other tasks have theirs
COUNTED = 100_000  # messages, beyond which a selection is not counted
STALLED = timedelta(seconds=60)  # after which somebody else takes the next step
PATIENCE_S = 20.0  # with a database that is away

Stage = Replay.Stage
ACTIVE = (Stage.CHECKING, Stage.RUNNING)


class NotNow(Exception):
    """A replay cannot be started, paused or cancelled as it is."""


def selected(replay: Replay) -> QuerySet[Any]:
    """The messages of a replay, without an order."""
    return _failures(replay) if replay.source == Replay.Source.FAILURES else _raw(replay)


def _failures(replay: Replay) -> QuerySet[MqttParsingLog]:
    chosen = replay.selection
    rows = MqttParsingLog.objects.filter(site=replay.site_id)
    if chosen.get("ids"):
        rows = rows.filter(pk__in=chosen["ids"])
    elif not chosen.get("again"):
        rows = rows.exclude(outcome=Outcome.RECOVERED)
    names = ("fingerprint", "parser_name", "error_type")
    rows = rows.filter(**{name: chosen[name] for name in names if chosen.get(name)})
    return _between(rows, chosen)


def _raw(replay: Replay) -> QuerySet[RawMessage]:
    chosen = replay.selection
    rows = RawMessage.objects.filter(connection__site=replay.site_id)
    rows = rows.filter(pk__in=chosen["ids"]) if chosen.get("ids") else rows
    rows = rows.filter(parser_name=chosen["parser_name"]) if chosen.get("parser_name") else rows
    return _between(rows, chosen)


def _between(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    since, until, pattern = chosen.get("from"), chosen.get("to"), chosen.get("topic")
    rows = rows.filter(received_at__gte=since) if since else rows
    rows = rows.filter(received_at__lt=until) if until else rows
    return rows.filter(topic__regex=regular_expression(pattern)) if pattern else rows


def begin(replay: Replay) -> Replay:
    """Save a new replay, which begins with its dry run. What fails from now on is not part of it."""
    rows = selected(replay)
    replay.total = rows.order_by()[: COUNTED + 1].count()
    replay.last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    replay.save()
    return replay


def start(pk: int) -> None:
    """After its dry run: do it. Raises NotNow."""
    changes = {"state": Stage.RUNNING, "cursor": 0, "tries": 0, "is_paused": False}
    if not Replay.objects.filter(pk=pk, state=Stage.CHECKED).update(**changes, started_at=Now(), touched_at=Now()):
        raise NotNow("A replay is started when its dry run has ended, and once.")


def pause(pk: int, paused: bool) -> None:
    """Stop after the step that is under way, or go on. Raises NotNow."""
    if not Replay.objects.filter(pk=pk, state__in=ACTIVE).update(is_paused=paused, touched_at=Now()):
        raise NotNow("Only a replay that is under way can be paused or go on.")


def cancel(pk: int) -> None:
    """End it after the step that is under way; what is stored stays. Raises NotNow."""
    rows = Replay.objects.filter(pk=pk, state__in=(*ACTIVE, Stage.CHECKED))
    if not rows.update(state=Stage.CANCELLED, finished_at=Now()):
        raise NotNow("It has ended already.")


def stalled() -> list[int]:
    """Replays that are under way and that nobody has moved for a minute."""
    quiet = Replay.objects.filter(state__in=ACTIVE, is_paused=False, touched_at__lt=Now() - STALLED)
    return list(quiet.values_list("pk", flat=True))


def advance(pk: int, turn_s: float = TURN_S) -> bool:
    """Take steps for a turn; returns whether there is more to do. Safe to run twice, at once, late or never."""
    deadline = time.monotonic() + turn_s
    while patiently(partial(step, pk), PATIENCE_S):
        if time.monotonic() > deadline:
            return True
    return False


def step(pk: int) -> bool:
    """Read the next slice and write what comes of it, and how far we are, in one transaction."""
    tries = _try(pk)
    if tries is None:
        return False
    with transaction.atomic():
        replay = _claim(pk)
        if replay is None:
            return False
        rows = list(selected(replay).filter(pk__gt=replay.cursor, pk__lte=replay.last).order_by("pk")[:SLICE])
        work = Slice(replay, rows, trials.route_of(replay.site))
        work.judge(isolated=tries > 1)
        if replay.state == Stage.RUNNING:
            work.store()
        else:
            work.compare()
        _note(replay, work, is_last=len(rows) < SLICE)
    return len(rows) == SLICE


def _try(pk: int) -> int | None:
    """Note, in a transaction of its own, that a step begins: one that is tried again may hold what kills a worker."""
    with transaction.atomic():
        replay = _claim(pk)
        if replay is None:
            return None
        Replay.objects.filter(pk=pk).update(tries=F("tries") + 1, touched_at=Now())
        return replay.tries + 1


def _claim(pk: int) -> Replay | None:
    """The replay, ours until the transaction ends; None when it rests, or another worker has it."""
    free = Replay.objects.select_for_update(skip_locked=True, of=("self",)).select_related("site")
    return free.filter(pk=pk, state__in=ACTIVE, is_paused=False).first()


def _note(replay: Replay, work: Slice, *, is_last: bool) -> None:
    """Add a slice to the report, and move the cursor, in the transaction that stored it."""
    name = "applied" if replay.state == Stage.RUNNING else "checked"
    report = summed(getattr(replay, name), work)
    changes: dict[str, Any] = {name: report, "tries": 0, "touched_at": Now()}
    if work.rows:
        changes["cursor"] = work.rows[-1].pk
    if is_last:
        done = replay.state == Stage.RUNNING
        changes |= {"state": Stage.DONE, "finished_at": Now()} if done else {"state": Stage.CHECKED}
    Replay.objects.filter(pk=replay.pk).update(**changes)
