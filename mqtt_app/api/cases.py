"""REST for test cases of parsers: kept messages, what is expected of each, and running them."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import FilterSchema, Query, Router, Schema, Status
from pydantic import StringConstraints

from mqtt_app.api.trials import MessageIn, chosen, invalid, operated, specimen
from mqtt_app.authoring import cases
from mqtt_app.exploring.discovery import sample
from mqtt_app.judging import catalogue, trials
from mqtt_app.judging.trials import Specimen
from mqtt_app.judging.verdicts import recognise
from mqtt_app.models import ParserCase
from mqtt_app.parsers.base import Parser
from sites import rest
from sites.models import Role, Site

router = Router()


class CaseIn(MessageIn):
    """A message as in parsers/try/; the case expects what becomes of it now. parser_name: as there.

    version: where that is a mapping, what becomes of it by this version; without it by the active, or the newest.
    """

    name: Annotated[rest.Text, StringConstraints(min_length=1, max_length=128)]
    version: int | None = None


class CaseOut(Schema):
    """expected: fate, faults (path, reason), gateways, devices, readings."""

    id: int
    site_id: int
    name: str
    parser_name: str
    topic: str
    retain: bool
    received_at: datetime
    shown: Any
    expected: Any
    created_at: datetime

    @staticmethod
    def resolve_shown(row: ParserCase) -> Any:
        return sample(bytes(row.payload))


class CaseChange(Schema):
    """name: another. accept: true takes what becomes of the message today as what is expected; version: see CaseIn."""

    name: Annotated[rest.Text, StringConstraints(min_length=1, max_length=128)] | None = None
    accept: bool = False
    version: int | None = None


class CaseFilter(FilterSchema):
    site: int | None = None
    parser_name: rest.Text | None = None


class CaseResult(Schema):
    """differences: in words; none when it passed."""

    id: int
    name: str
    parser_name: str
    site_id: int
    passed: bool
    differences: list[str]
    took_ms: float


class RunOut(Schema):
    passed: int
    failed: int
    items: list[CaseResult]


class RunIn(Schema):
    """Which cases, of those at sites where you are operator; at most 200 in one run."""

    site: int | None = None
    parser_name: rest.Text | None = None


def cases_seen(request: HttpRequest) -> QuerySet[ParserCase]:
    return rest.visible(request, ParserCase.objects.select_related("site"))


@router.get("/parser-cases/", response=rest.Page[CaseOut], summary="Test cases of parsers")
def list_cases(request: HttpRequest, filters: Query[CaseFilter], paging: Query[rest.Paging]) -> dict[str, Any]:
    return rest.page(filters.filter(cases_seen(request)), paging, "name")


@router.post("/parser-cases/", response={201: CaseOut}, summary="Keep a message as a test case (operator)")
def create_case(request: HttpRequest, data: CaseIn) -> Status[ParserCase]:
    site = operated(request, data.site)
    one = specimen(data, site)
    if one.is_cut:
        raise invalid(sample="Only the beginning of this message was kept; take a whole one.")
    parser = chosen(data.parser_name, site) or recognise(one.topic, trials.route_of(site), one.payload)
    if data.version is not None:
        parser = version_of(data.parser_name, data.version, site)
    if parser is None:
        raise invalid(parser_name="No parser recognises this topic; name one.")
    return Status(201, saved(site, data.name, one, parser, request))


def version_of(name: str, number: int, site: Site) -> Parser:
    """That version of the mapping of this name. Raises Refused (422)."""
    found = catalogue.named(site.pk, name, number)
    if found is None:
        raise invalid(version="There is no mapping of this name with such a version.")
    return found


def saved(site: Site, name: str, one: Specimen, parser: Parser, request: HttpRequest) -> ParserCase:
    try:
        return cases.save(site, name, one, parser, rest.caller(request).user)
    except cases.TooMany as error:
        raise rest.Refused(409, "too_many_cases", str(error)) from error


@router.post("/parser-cases/run/", response=RunOut, summary="Run test cases (operator)")
def run_cases(request: HttpRequest, data: RunIn) -> dict[str, Any]:
    rest.require_scope(request, Role.OPERATOR)
    wanted = {name: value for name, value in data.dict().items() if value is not None}
    mine = rest.operated(request, ParserCase.objects.select_related("site")).filter(**wanted)
    results = cases.run(mine.order_by("pk")[: cases.CASES_PER_PARSER])
    return run_out(results)


def run_out(results: list[cases.Result]) -> dict[str, Any]:
    passed = sum(result.passed for result in results)
    return {"passed": passed, "failed": len(results) - passed, "items": [_result(one) for one in results]}


def _result(one: cases.Result) -> dict[str, Any]:
    row = one.case
    about = {"id": row.pk, "name": row.name, "parser_name": row.parser_name, "site_id": row.site_id}
    return about | {"passed": one.passed, "differences": one.differences, "took_ms": one.trial.took_ms}


@router.get("/parser-cases/{case_id}/", response=CaseOut, summary="One test case")
def get_case(request: HttpRequest, case_id: int) -> ParserCase:
    return rest.find(cases_seen(request), pk=case_id)


def case_operated(request: HttpRequest, case_id: int) -> ParserCase:
    case = get_case(request, case_id)
    rest.require(request, case.site_id, Role.OPERATOR)
    return case


@router.patch("/parser-cases/{case_id}/", response=CaseOut, summary="Rename it, or expect what happens (operator)")
def change_case(request: HttpRequest, case_id: int, data: CaseChange) -> ParserCase:
    case = case_operated(request, case_id)
    if data.name is not None:
        rest.change(case, {"name": data.name})
    if data.accept:
        number = data.version
        cases.accept(case, None if number is None else version_of(case.parser_name, number, case.site))
    return case


@router.delete("/parser-cases/{case_id}/", response=rest.Deleted, summary="Delete a test case (operator)")
def delete_case(request: HttpRequest, case_id: int) -> dict[str, Any]:
    case_operated(request, case_id).delete()
    return {"deleted": {"parser_cases": 1}}
