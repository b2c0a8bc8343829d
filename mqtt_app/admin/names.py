"""Filters by parser and by kind of failure, whose names come from small tables and the registry."""

from django.db.models import Q
from django.http import HttpRequest

from mqtt_app.models import Mapping, ParsingGroup
from mqtt_app.parsers import registry
from sites import access
from sites.admin.filters import Named
from sites.admin.rows import signed_in

OFFERED = 500  # names of one filter


class ByReader(Named):
    """Which parser or mapping recognises a topic."""

    title = "parser"
    column = "processor_name"

    def names(self, request: HttpRequest) -> list[str]:
        seen = access.for_user(signed_in(request))
        mappings = Mapping.objects.filter(Q(site__in=seen) | Q(site=None)).order_by("name")
        return [*registry.names(), *mappings.values_list("name", flat=True).distinct()[:OFFERED]]


class OfFailures(Named):
    """A column that failures share with their kinds, of which there are few."""

    def names(self, request: HttpRequest) -> list[str]:
        kinds = access.visible(ParsingGroup.objects.exclude(**{self.column: ""}), signed_in(request))
        return list(kinds.order_by(self.column).values_list(self.column, flat=True).distinct()[:OFFERED])


class ByParser(OfFailures):
    title = "parser"
    column = "parser_name"


class ByReason(OfFailures):
    title = "reason"
    column = "error_type"
