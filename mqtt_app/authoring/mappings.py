"""Parsers without code as people make them: in versions, active when their test cases pass."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from mqtt_app.authoring import cases
from mqtt_app.authoring.cases import Result
from mqtt_app.judging import catalogue, recognition, trials
from mqtt_app.judging.trials import Specimen
from mqtt_app.models import Mapping, MappingVersion, ParserCase
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Context, ParseError
from mqtt_app.parsers.definition import Definition, SensorMapping
from mqtt_app.parsers.mapping import MappingParser
from sites.models import Site

MAPPINGS_PER_SITE = 100  # every message of the site may be compared with each of their templates
VERSIONS = 200  # of one mapping
NAMED = 5  # sensors, in a refusal


class TooMany(Exception):
    """There are as many as there may be."""


class NotReady(Exception):
    """A version is active only when its test cases pass and have all that it reads.

    results: how they went; none when there are none. unread: the sensors of which no case has a reading.
    """

    def __init__(self, words: str, results: Sequence[Result] = (), unread: Sequence[SensorMapping] = ()) -> None:
        super().__init__(words)
        self.results = list(results)
        self.unread = list(unread)


@transaction.atomic
def create(site: Site | None, name: str, definition: Definition, user: User | None, note: str = "") -> Mapping:
    """A new mapping with its first version, not active. site: None for all sites. Raises TooMany, ValidationError."""
    if Mapping.objects.filter(site=site).count() >= MAPPINGS_PER_SITE:
        raise TooMany(f"A site has {MAPPINGS_PER_SITE} mappings at most.")
    if registry.get(name) is not None:
        raise ValidationError({"name": "A parser of this name is installed; choose another."})
    mapping = Mapping(site=site, name=name, created_by=user)
    mapping.full_clean()
    mapping.save()
    revise(mapping, definition, user, note)
    return mapping


@transaction.atomic
def revise(mapping: Mapping, definition: Definition, user: User | None, note: str = "") -> MappingVersion:
    """Add a version; the active one stays active. Raises TooMany."""
    Mapping.objects.select_for_update().get(pk=mapping.pk)
    last = mapping.versions.aggregate(last=Max("number"))["last"] or 0
    if mapping.versions.count() >= VERSIONS:
        raise TooMany(f"A mapping has {VERSIONS} versions at most; make a new one.")
    said = definition.model_dump(mode="json", exclude_defaults=True)
    return MappingVersion.objects.create(
        mapping=mapping, number=last + 1, definition=said, note=note[:500], created_by=user
    )


def tests(version: MappingVersion) -> list[Result]:
    """How the mapping's test cases go with this version."""
    found = ParserCase.objects.filter(parser_name=version.mapping.name).select_related("site").order_by("pk")
    if version.mapping.site_id is not None:
        found = found.filter(site=version.mapping.site_id)
    return cases.run(found[: cases.CASES_PER_PARSER], catalogue.parser(version))


def unread(parser: MappingParser, messages: Iterable[tuple[Specimen, Context]]) -> list[SensorMapping]:
    """The sensors of a definition of which none of these messages has a reading: mistyped, or never seen yet."""
    read: set[int] = set()
    for one, context in messages:
        with suppress(ParseError):
            read |= parser.quantities(one.envelope(), context)
    return [sensor for index, sensor in enumerate(parser.definition.sensors) if index not in read]


def activate(version: MappingVersion) -> list[Result]:
    """Let a version read messages, with the next batch of every worker. Raises NotReady.

    Of each sensor some test case must have a reading. One case in all would not do: what an expression does not find is
    left out without a word, so a mistyped one would read nothing for ever beside others that work.
    """
    results = tests(version)
    if not results:
        raise NotReady("Keep at least one captured message as a test case of this mapping first.")
    if failed := [result for result in results if not result.passed]:
        raise NotReady(f"{len(failed)} of {len(results)} test cases do not pass.", results)
    kept = [(cases.specimen(one.case), trials.route_of(one.case.site).context) for one in results]
    if missing := unread(catalogue.parser(version), kept):
        words = f"No test case has a reading of {', '.join(map(named, missing[:NAMED]))}"
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        told = "Correct the expression, remove the sensor, or keep a captured message that has it as a test case."
        raise NotReady(f"{words}{more}. {told}", results, missing)
    _set(version.mapping, version)
    return results


def named(sensor: SensorMapping) -> str:
    """A sensor of a definition as people know it: by its name, or where its name stands."""
    return sensor.key or sensor.key_from or sensor.value


def deactivate(mapping: Mapping) -> None:
    """It reads nothing from now on; its topics are recognised by whoever else knows them."""
    _set(mapping, None)


def delete(mapping: Mapping) -> None:
    with transaction.atomic():
        deactivate(mapping)
        mapping.delete()


def _set(mapping: Mapping, version: MappingVersion | None) -> None:
    with transaction.atomic():
        Mapping.objects.filter(pk=mapping.pk).update(active=version)
        catalogue.changed()
        sites = [mapping.site_id] if mapping.site_id else list(Site.objects.values_list("pk", flat=True))
        transaction.on_commit(partial(recognition.forget, sites))
    mapping.active = version
