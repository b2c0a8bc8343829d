"""Test cases of parsers: captured messages, and what is expected to become of them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.models import User

from mqtt_app.judging import catalogue, trials
from mqtt_app.judging.trials import Specimen, Trial
from mqtt_app.models import ParserCase
from mqtt_app.parsers.base import Parser
from sites.models import Site

CASES_PER_PARSER = 200  # of one site; a run reads them all


class Result(NamedTuple):
    """How one case went. differences: in words; none when it passed."""

    case: ParserCase
    trial: Trial
    differences: list[str]

    @property
    def passed(self) -> bool:
        return not self.differences


class TooMany(Exception):
    """A parser has as many test cases at this site as it may have."""


def save(site: Site, name: str, specimen: Specimen, parser: Parser, user: User | None = None) -> ParserCase:
    """Keep a message as a case that expects what becomes of it now. Raises TooMany, ValidationError."""
    if ParserCase.objects.filter(site=site, parser_name=parser.name).count() >= CASES_PER_PARSER:
        raise TooMany(f"A parser has {CASES_PER_PARSER} test cases at a site at most; delete some first.")
    [trial] = trials.try_all([specimen], trials.route_of(site), parser)
    case = ParserCase(
        site=site,
        name=name,
        parser_name=parser.name,
        topic=specimen.topic,
        payload=specimen.payload,
        retain=specimen.retain,
        received_at=specimen.received_at,
        expected=trials.outcome(trial),
        created_by=user,
    )
    case.full_clean(exclude=["expected"])
    case.save()
    return case


def run(cases: Iterable[ParserCase], parser: Parser | None = None) -> list[Result]:
    """Read every case anew; parser: instead of the installed one of that name."""
    return [_run(case, parser or catalogue.named(case.site_id, case.parser_name)) for case in cases]


def _run(case: ParserCase, parser: Parser | None) -> Result:
    [trial] = trials.try_all([specimen(case)], trials.route_of(case.site), parser)
    if parser is None:
        return Result(case, trial, [f"There is no parser named {case.parser_name} any more."])
    return Result(case, trial, trials.differences(case.expected, trials.outcome(trial)))


def accept(case: ParserCase, parser: Parser | None = None) -> Result:
    """From now on the case expects what becomes of it today; parser: instead of the installed one of that name."""
    result = _run(case, parser or catalogue.named(case.site_id, case.parser_name))
    case.expected = trials.outcome(result.trial)
    case.save(update_fields=["expected"])
    return result._replace(differences=[])


def specimen(case: ParserCase) -> Specimen:
    return Specimen(case.topic, bytes(case.payload), case.received_at, case.retain, "case", case.pk)
