"""The mappings that are active, as parsers: read again by every process as soon as somebody has changed them."""

from collections.abc import Mapping as Held
from functools import lru_cache
from typing import Any

from django.db.models import F, Q

from mqtt_app.health import pulses
from mqtt_app.models import Mapping, MappingVersion
from mqtt_app.parsers import registry
from mqtt_app.parsers.base import Parser
from mqtt_app.parsers.definition import Definition
from mqtt_app.parsers.mapping import MappingParser

NAME = "mappings"
EVERYWHERE = 0
"""The key of mappings that belong to no site: they read everywhere, after the site's own."""


def changed() -> None:
    """Say, in the transaction of the change, that what was read is outdated."""
    pulses.beat(NAME)


@lru_cache(maxsize=2)
def load(version: Any) -> Held[int, tuple[MappingParser, ...]]:
    """The active mappings by site; `version`: when they last changed, as the pulse NAME says. Read once for each."""
    if version is None:
        return {}
    found: dict[int, list[MappingParser]] = {}
    active = MappingVersion.objects.filter(active_of__isnull=False).select_related("mapping").order_by("mapping__name")
    for row in active:
        found.setdefault(row.mapping.site_id or EVERYWHERE, []).append(parser(row))
    return {site: tuple(parsers) for site, parsers in found.items()}


def parser(row: MappingVersion) -> MappingParser:
    return MappingParser(row.mapping.name, Definition.model_validate(row.definition), row.number)


def of_site(site_id: int, version: Any) -> tuple[MappingParser, ...]:
    """The mappings that may read this site's topics, its own first."""
    found = load(version)
    return (*found.get(site_id, ()), *found.get(EVERYWHERE, ())) if found else ()


def named(site_id: int, name: str, number: int | None = None) -> Parser | None:
    """The parser or mapping of that name for this site. number: that version of a mapping; else the active, or newest.

    None where there is none, also where an installed parser is asked for by the number of a version.
    """
    if not name:
        return None
    if installed := registry.get(name):
        return installed if number is None else None
    rows = Mapping.objects.filter(Q(site=site_id) | Q(site=None), name=name).select_related("active__mapping")
    row = rows.order_by(F("site_id").asc(nulls_last=True)).first()
    if row is None:
        return None
    versions = row.versions.select_related("mapping").order_by("-number")
    chosen = (row.active or versions.first()) if number is None else versions.filter(number=number).first()
    return parser(chosen) if chosen else None


def names(site_id: int) -> list[str]:
    """What may be named at this site: the installed parsers, then its mappings."""
    found = Mapping.objects.filter(Q(site=site_id) | Q(site=None)).order_by("name").values_list("name", flat=True)
    return [*registry.names(), *found]
