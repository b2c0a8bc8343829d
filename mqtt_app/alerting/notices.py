"""Telling people: follow what is wrong, say each change once to whom a rule names, and send it until it is taken."""

import logging
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mqtt_app.alerting import dispatch, incidents, problems
from mqtt_app.models import Delivery, Incident, Maintenance, Notice, NoticeRule, Problem
from sites.fields import Undecryptable
from sites.models import Site
from sites.upsert import query

logger = logging.getLogger(__name__)

LOCK = 7_263_004
"""Advisory lock: notices are decided once at a time."""

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time: an hour in all
STUCK = timedelta(minutes=5)
AT_ONCE = 50
TOLD_LATER = timedelta(days=1)  # so long after its end an incident is still looked at: quiet hours, a pause of ours

Progress = Delivery.Progress


def tick() -> int:
    """Decide and send; returns how many messages went out."""
    decide(timezone.now())
    return send_due(timezone.now())


@transaction.atomic
def decide(now: datetime) -> list[Delivery]:
    """Bring the incidents up to date, and write down what is to be said. Does nothing when another run is at it."""
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])[0][0]:
        return []
    return _announce(now, asleep=_follow(now))


def _follow(now: datetime) -> frozenset[incidents.Key]:
    """Returns of which devices nothing is said now: they sleep. None of theirs begins, and what is open stays."""
    found = {incidents.key(one): one for one in problems.find(now)}
    asleep = frozenset(one for one, what in found.items() if what.sleeps)
    open_ = list(Incident.objects.filter(ended_at=None))
    for incident in open_:
        incidents.follow(incident, found.pop(incidents.key(incident), None), now)
    mended = [one for one in open_ if one.ended_at is not None and one.problem == Problem.CONNECTION]
    current = problems.brokers(mended) if mended else {}
    for incident in mended:  # who changed a wrong address reads of the right one that it works
        incident.label = current.get(incident.subject, incident.label)[:255]
    Incident.objects.bulk_update(
        open_, ["label", "percent", "bad_since", "good_since", "ended_at", "flaps"], batch_size=1_000
    )
    over = Incident.objects.filter(ended_at__gt=now - incidents.MEMORY).order_by("ended_at")
    recent = {incidents.key(one): one.flaps for one in over}
    awake = [one for one in found.values() if not one.sleeps]
    Incident.objects.bulk_create([incidents.begin(one, recent, now) for one in awake], batch_size=1_000)
    return asleep


def _announce(now: datetime, asleep: Collection[incidents.Key]) -> list[Delivery]:
    """A hidden site is not talked about, nor one under maintenance."""
    resting = Maintenance.objects.filter(starts_at__lte=now, ends_at__gt=now).values("site_id")
    rules = NoticeRule.objects.filter(is_active=True, site__is_active=True).exclude(site_id__in=resting)
    made = []
    by_site: dict[int, list[Incident]] = defaultdict(list)
    for incident in Incident.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now - TOLD_LATER)).order_by("began_at"):
        if incident.ended_at is not None or incidents.key(incident) not in asleep:
            by_site[incident.site_id].append(incident)
    told: dict[tuple[int, int], set[str]] = defaultdict(set)
    for rule_id, incident_id, said in Notice.objects.filter(
        incident__in=[one.pk for many in by_site.values() for one in many]
    ).values_list("rule_id", "incident_id", "word"):
        told[rule_id, incident_id].add(said)
    for rule in rules.select_related("site").defer("address"):
        if not incidents.is_quiet(rule, rule.site.timezone, now):
            made += _say(rule, by_site[rule.site_id], told, now)
    return made


def _say(
    rule: NoticeRule, candidates: Collection[Incident], told: dict[tuple[int, int], set[str]], now: datetime
) -> list[Delivery]:
    words = [(one, incidents.word(rule, one, told[rule.pk, one.pk], now)) for one in candidates]
    changes = [(one, said) for one, said in words if said]
    if not changes:
        return []
    title, body = incidents.compose(rule.site.name, changes, now, rule.site.timezone)
    delivery = Delivery.objects.create(rule=rule, title=title, body=body, created_at=now, due_at=now)
    Notice.objects.bulk_create(
        [Notice(rule=rule, incident=one, word=said, delivery=delivery) for one, said in changes], batch_size=1_000
    )
    return [delivery]


CLAIM = """
UPDATE mqtt_app_delivery SET state = 'sending', attempts = attempts + 1, due_at = %s
WHERE id IN (SELECT id FROM mqtt_app_delivery WHERE state = 'waiting' AND due_at <= %s ORDER BY id LIMIT %s
    FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def send_due(now: datetime) -> int:
    """Send what is due, each by whoever claimed it. One that was claimed and never ended is not sent again: it may have
    gone out."""
    Delivery.objects.filter(state=Progress.SENDING, due_at__lt=now - STUCK).update(
        state=Progress.FAILED, error="Whoever sent it did not live to tell."
    )
    claimed = [pk for (pk,) in query(CLAIM, [now, now, AT_ONCE])]
    return sum(send(one) for one in Delivery.objects.filter(pk__in=claimed).select_related("rule").order_by("id"))


def send(delivery: Delivery, attempts: int = ATTEMPTS) -> bool:
    """Try once; when it is not taken it waits longer each time, and after so many attempts it has failed."""
    try:
        dispatch.send(delivery.rule.address, delivery.title, delivery.body)
    except (dispatch.NotSent, Undecryptable) as error:
        is_over = delivery.attempts >= attempts
        delivery.state = Progress.FAILED if is_over else Progress.WAITING
        delivery.error = str(error)[:255]
        delivery.due_at = timezone.now() + FIRST_PAUSE * 2 ** (delivery.attempts - 1)
        log = logger.error if is_over else logger.warning
        log("Notice %s was not taken (attempt %s): %s", delivery.pk, delivery.attempts, delivery.error)
    else:
        delivery.state, delivery.sent_at, delivery.error = Progress.SENT, timezone.now(), ""
    delivery.save(update_fields=["state", "error", "due_at", "sent_at"])
    return delivery.state == Progress.SENT


def test(rule: NoticeRule, by: str) -> Delivery:
    """Send something now, to see whether it arrives. Once: it is not tried again."""
    title, body = f"{rule.site.name}: a test", f"A test of the rule “{rule.name}”, asked for by {by}. Nothing is wrong."
    delivery = Delivery.objects.create(rule=rule, title=title, body=body, state=Progress.SENDING, attempts=1)
    send(delivery, attempts=1)
    return delivery


def validate(address: str, trusted: bool) -> str:
    """The service behind an address. Raises ValidationError. trusted: a superuser, who may name private hosts."""
    return dispatch.service(address, settings.ALLOW_PRIVATE_BROKERS or trusted)


def add(site: Site, trusted: bool, **fields: object) -> NoticeRule:
    """A new rule. Raises ValidationError."""
    rule = NoticeRule(site=site, service=validate(str(fields.get("address", "")), trusted), **fields)
    rule.full_clean()
    rule.save()
    return rule
