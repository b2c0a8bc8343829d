"""Requests made up from the API's own description are answered as it says, and never with a server error."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from sites.models import ApiToken
from tests import rows

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

# What is valid by its form may still break a rule of the data: a name that is taken, a key that is no key. And a query
# that says a thing twice, or a header that nobody reads, is no reason to refuse.
NOT_ASKED = ("positive_data_acceptance", "negative_data_rejection")
EXAMPLES = 8  # for each operation, the same in every run

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


class Field(NamedTuple):
    """A superuser's token, and the ids that there are, by the names that requests have for them."""

    headers: dict[str, str]
    ids: dict[str, int]


@pytest.fixture
def field() -> Iterator[Field]:
    """A system that has one of everything; requests share the test's own transaction."""
    there = rows.furnished()
    program = rows.program(rows.person("root", is_superuser=True))
    ids = {f"{name}_id": getattr(there, name).pk for name in ("site", "connection", "gateway", "datalogger", "sensor")}
    ids |= {"topic_id": there.topic.pk, "log_id": there.failure.pk, "token_id": ApiToken.objects.get().pk}
    ids |= {"site": rows.site("alone").pk, "connection": there.connection.pk}
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Field({"Authorization": program.defaults["HTTP_AUTHORIZATION"]}, ids)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_is_made_up_is_answered_as_described(case: schemathesis.Case, field: Field) -> None:
    for part in (case.path_parameters, case.body):
        aim(part, field.ids)
    case.call_and_validate(headers=field.headers, excluded_checks=CHECKS.get_by_names(list(NOT_ASKED)))


def aim(part: Any, ids: dict[str, int]) -> None:
    """Half of the numbers that are made up for rows become those of rows that there are."""
    for name in part.keys() & ids.keys() if isinstance(part, dict) else ():
        if isinstance(part[name], int) and part[name] % 2:
            part[name] = ids[name]
