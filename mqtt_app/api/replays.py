"""REST for replays: kept messages that are read again, after a dry run that says what would come of it."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import FilterSchema, Query, Router, Schema, Status
from pydantic import BeforeValidator, Field

from mqtt_app import replay
from mqtt_app.api.topics import known_parser
from mqtt_app.api.trials import invalid, operated
from mqtt_app.models import Replay
from mqtt_app.topics import is_filter
from sites import rest
from sites.models import Role, Site
from tasks.replay import submit

router = Router()

IDS = 10_000
MOST_SITES = 200  # that one request begins replays at
NEW_SHOWN = 20  # devices that a report names


class Matching(Schema):
    """Which messages of a site: all that match. again: also what an earlier replay has recovered. source raw: what the
    connection keeps (`keep_raw_days`); of the rest, topic, parser_name_was, from and to apply there.
    """

    source: Replay.Source = Replay.Source.FAILURES
    fingerprint: rest.Text | None = None
    error_type: rest.Text | None = None
    parser_name_was: rest.Text | None = None
    topic: Annotated[rest.Text | None, Field(description="An MQTT filter with + and #.")] = None
    start: rest.Moment | None = Field(None, alias="from", description="By reception.")
    end: rest.Moment | None = Field(None, alias="to")
    again: bool = False

    def selection(self) -> dict[str, Any]:
        rest.in_order(self.start, self.end)
        if self.topic and not is_filter(self.topic):
            raise invalid(topic="Give an MQTT filter with + and # alone between slashes.")
        chosen = {
            "fingerprint": self.fingerprint,
            "error_type": self.error_type,
            "parser_name": self.parser_name_was,
            "topic": self.topic,
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
            "again": self.again or None,
        }
        return {name: value for name, value in chosen.items() if value is not None}


class ReplayIn(Matching):
    """`ids` (of parsing-logs/) of one site, or all of its messages that match the rest. parser_name: reads them instead
    of the parser that would be chosen.
    """

    site: int
    ids: Annotated[list[int], Field(max_length=IDS)] | None = None
    parser_name: rest.Text = ""

    def selection(self) -> dict[str, Any]:
        return super().selection() | ({"ids": self.ids} if self.ids is not None else {})


class EverywhereIn(Matching):
    """All that match at every site where the caller is operator, or at those of `sites` among them."""

    sites: Annotated[list[int], Field(max_length=MOST_SITES)] | None = None


class StillFails(Schema):
    id: int
    topic: str
    reason: str
    detail: str


class ReportOut(Schema):
    """read: messages so far. messages: recovered, partly (stored but for bad parts), failed, ignored.

    readings: add, change, same (a duplicate of what is there). reasons: of those that fail, by code.
    samples: the first twenty of them. new: the first twenty devices that are new, as "gateway 7" or "datalogger MAS1".
    """

    read: int = 0
    messages: dict[str, int] = {}
    readings: dict[str, int] = {}
    new_devices: int = 0
    new: Annotated[list[str], BeforeValidator(lambda names: names[:NEW_SHOWN])] = []
    reasons: dict[str, int] = {}
    samples: list[StillFails] = []


class ReplayOut(Schema):
    """state: checking (the dry run) → checked → running → done, or cancelled. total: messages, counted up to 100,000.

    checked: what the dry run says would come of it. applied: what came of it. Progress is `read` of `total`.
    """

    id: int
    site_id: int
    source: str
    selection: dict[str, Any]
    parser_name: str
    state: str
    is_paused: bool
    total: int
    total_is_capped: bool
    checked: ReportOut
    applied: ReportOut
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_total(row: Replay) -> int:
        return min(row.total, replay.COUNTED)

    @staticmethod
    def resolve_total_is_capped(row: Replay) -> bool:
        return row.total > replay.COUNTED

    @staticmethod
    def resolve_created_by(row: Replay) -> str | None:
        return row.created_by.get_username() if row.created_by else None


class ReplayFilter(FilterSchema):
    site: int | None = None
    state: Replay.Stage | None = None


Verb = Literal["start", "pause", "resume", "cancel"]


def seen(request: HttpRequest) -> Any:
    return rest.visible(request, Replay.objects.select_related("created_by"))


@router.get("/replays/", response=rest.Page[ReplayOut], summary="Replays, newest first")
def list_replays(request: HttpRequest, filters: Query[ReplayFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(seen(request)), paging, "-created_at")


@router.post("/replays/", response={202: ReplayOut}, summary="Begin the dry run of a replay (operator)")
def create_replay(request: HttpRequest, data: ReplayIn) -> Status[Replay]:
    """Nothing is stored until it is started."""
    site = operated(request, data.site)
    known_parser(data.parser_name, site.pk)
    row = Replay(site=site, source=data.source, selection=data.selection(), parser_name=data.parser_name)
    row.created_by = rest.caller(request).user
    with transaction.atomic():
        replay.begin(row)
        transaction.on_commit(lambda: submit(row.pk))
    return Status(202, row)


@router.post("/replays/everywhere/", response={202: list[ReplayOut]}, summary="Begin a dry run at each site (operator)")
def create_replays(request: HttpRequest, data: EverywhereIn) -> Status[list[Replay]]:
    """A replay of its own at each site where anything matches, each to be started by itself; 200 sites at most."""
    rest.require_scope(request, Role.OPERATOR)
    selection = data.selection()
    sites = rest.operated(request, Site.objects.order_by("pk"), "pk")
    sites = sites.filter(pk__in=data.sites) if data.sites is not None else sites
    begun: list[Replay] = []
    for site in sites:
        row = Replay(site=site, source=data.source, selection=selection, created_by=rest.caller(request).user)
        if len(begun) < MOST_SITES and replay.selected(row).exists():
            with transaction.atomic():
                replay.begin(row)
                transaction.on_commit(partial(submit, row.pk))
            begun.append(row)
    return Status(202, begun)


@router.get("/replays/{replay_id}/", response=ReplayOut, summary="One replay, its progress and report")
def get_replay(request: HttpRequest, replay_id: int) -> Replay:
    row: Replay = rest.find(seen(request), pk=replay_id)
    return row


@router.post(
    "/replays/{replay_id}/{verb}/", response={202: ReplayOut}, summary="start, pause, resume or cancel (operator)"
)
def steer_replay(request: HttpRequest, replay_id: int, verb: Verb) -> Status[Replay]:
    """start: after the dry run. cancel: what is stored already stays."""
    row = get_replay(request, replay_id)
    rest.require(request, row.site_id, Role.OPERATOR)
    steer(row.pk, verb)
    return Status(202, get_replay(request, replay_id))


def steer(pk: int, verb: str) -> None:
    """Raises Refused (409) where that cannot be done now."""
    try:
        with transaction.atomic():
            match verb:
                case "start":
                    replay.start(pk)
                case "cancel":
                    replay.cancel(pk)
                case _:
                    replay.pause(pk, verb == "pause")
            if verb in ("start", "resume"):
                transaction.on_commit(lambda: submit(pk))
    except replay.NotNow as error:
        raise rest.Refused(409, "not_now", str(error)) from error
