"""The REST API as one object: who may call it, how bodies are read, and how every error is said."""

import json
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, cast

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError, IntegrityError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.encoding import escape_uri_path
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer, SessionAuth
from psycopg.errors import QueryCanceled

from mqtt_app.api import router as mqtt_router
from project.openapi import Api
from project.throttle import PerCaller
from project.visitors import SAFE
from sites import audit, tokens
from sites.api import router as sites_router
from sites.models import Role
from sites.rest import Caller, Refused, listed, printable

logger = logging.getLogger(__name__)

AWAY = ("08", "57P", "25006")
"""SQLSTATEs of a database that is not there, stops or starts, or is read-only; one that cannot be reached gives none.
[PostgreSQL, A]"""

PATH_ON_RECORD = 200  # characters of it
LIKE_AN_ID = re.compile(r"[0-9]{1,18}")  # what a bigint surely holds


class Bearer(HttpBearer):
    """`Authorization: Bearer …`. A token in the query string is not looked at: addresses end up in logs."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        found = tokens.find(token)
        if found and request.method not in SAFE:
            audit.speak_for(found.user, f"token {found.name}")
        return Caller(found.user, tokens.role(found)) if found else None


class Session(SessionAuth):
    """A browser's session, with its CSRF token on every request that changes something."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        # Without a session there is nothing to protect, and the answer to a bad token is 401, not CSRF's 403.
        if "Authorization" in request.headers or self.param_name not in request.COOKIES:
            return None
        return cast("Caller | None", super().__call__(request))

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:  # noqa: ARG002
        user = request.user
        return Caller(user, Role.ADMIN) if user.is_authenticated else None


class JsonParser(Parser):
    """Bodies are JSON and say so; what neither Python nor PostgreSQL could hold is refused at the door."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise Refused(415, "not_json", "Send the body as application/json.")
        body = json.loads(request.body, parse_constant=_refuse_constant)
        if not isinstance(body, dict):  # the framework would take false or [] for an empty object
            raise Refused(422, "invalid", "The request is not valid.", {"body": "The body is a JSON object."})
        return body

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> Any:
        for name, values in data.lists():
            try:
                [printable(value) for value in (name, *values) if isinstance(value, str)]
            except ValueError as error:
                raise Refused(422, "invalid", "The query is not valid.", {printable_name(name): str(error)}) from error
        return super().parse_querydict(data, list_fields, request)


def printable_name(name: str) -> str:
    return name.replace("\0", "\\0")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


api = Api(
    title="Fieldledger",
    version="1",
    description="Sites, their devices and readings, their MQTT connections, and what became of every message.",
    auth=[Bearer(), Session()],
    throttle=[PerCaller()],
    parser=JsonParser(),
    urls_namespace="api",
)
api.add_router("", sites_router)
api.add_router("", mqtt_router)


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Every error has this shape: {"error": {"code", "message", "fields"?, "deletes"?}}."""
    error: dict[str, Any] = {"code": refused.code, "message": refused.message}
    error |= {"fields": refused.fields} if refused.fields else {}
    error |= {"deletes": refused.deletes} if refused.deletes else {}
    return api.create_response(request, {"error": error}, status=refused.status)


@api.exception_handler(Refused)
def on_refused(request: HttpRequest, exc: Refused) -> HttpResponse:
    """Who asks for a change that is not theirs to make, or of what is not theirs to see, is on record."""
    if exc.status in (403, 404) and request.method not in SAFE:
        site = str(request.resolver_match.kwargs.get("site_id", "")) if request.resolver_match else ""
        label = f"{request.method} {escape_uri_path(request.path)[:PATH_ON_RECORD]}: {exc.code}"
        audit.refused(label, int(site) if LIKE_AN_ID.fullmatch(site) else None)
    return answer(request, exc)


@api.exception_handler(AuthenticationError)
def on_unauthenticated(request: HttpRequest, _exc: AuthenticationError) -> HttpResponse:
    message = "Sign in, or send Authorization: Bearer with a valid token."
    response = answer(request, Refused(401, "unauthenticated", message))
    response["WWW-Authenticate"] = 'Bearer realm="Fieldledger"'
    return response


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, exc: HttpError) -> HttpResponse:
    """What the framework refuses: a body that is no JSON (its cause tells why), a missing CSRF token."""
    cause = exc.__cause__
    if isinstance(cause, Refused):
        return answer(request, cause)
    if exc.status_code == 429:
        words = f"At most {settings.API_REQUESTS_PER_MINUTE} requests a minute; Retry-After says when to go on."
        return answer(request, Refused(429, "too_many_requests", words))
    if exc.status_code == 400:
        reason = "nested too deeply" if isinstance(cause, RecursionError) else str(cause)
        return answer(request, Refused(400, "bad_json", f"The body is not JSON: {reason}."))
    code = "csrf_failed" if exc.status_code == 403 else "refused"
    return answer(request, Refused(exc.status_code, code, f"{exc}."))


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    pairs = [(_place(error["loc"]), str(error["msg"])) for error in exc.errors]
    return answer(request, Refused(422, "invalid", "The request is not valid.", listed(pairs)))


OURS = ("body", "query", "path", "data", "filters", "paging", "depth", "span")


def _place(location: tuple[str | int, ...]) -> str:
    """("body", "data", "broker_port") as broker_port: the source and our argument's name tell a caller nothing."""
    names = [str(part) for part in location if part not in OURS]
    return ".".join(names) or "body"


@api.exception_handler(ModelInvalid)
def on_model_invalid(request: HttpRequest, exc: ModelInvalid) -> HttpResponse:
    found = exc.message_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.messages}
    pairs = [(name, text) for name, texts in found.items() for text in texts]
    return answer(request, Refused(422, "invalid", "The request is not valid.", listed(pairs)))


@api.exception_handler(IntegrityError)
def on_conflict(request: HttpRequest, exc: IntegrityError) -> HttpResponse:
    """Constraints are named as sentences: topic_pattern_once_per_connection."""
    name = getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None) or "the data changed meanwhile"
    return answer(request, Refused(409, "conflict", f"This would break a rule of the data: {name.replace('_', ' ')}."))


@api.exception_handler(DataError)
def on_out_of_range(request: HttpRequest, _exc: DataError) -> HttpResponse:
    return answer(request, Refused(400, "out_of_range", "A value is outside what the database can hold."))


@api.exception_handler(OperationalError)
@api.exception_handler(InternalError)
def on_database_trouble(request: HttpRequest, exc: OperationalError | InternalError) -> HttpResponse:
    if isinstance(exc.__cause__, QueryCanceled):
        return answer(request, Refused(503, "too_slow", "This took too long; ask for less: a filter, a shorter range."))
    if (getattr(exc.__cause__, "sqlstate", None) or AWAY[0]).startswith(AWAY):
        logger.warning("The database is away: %s", exc)
        return answer(request, Refused(503, "database_away", "The database does not answer; ask again in a moment."))
    raise exc


@api.exception_handler(Http404)
def on_absent(request: HttpRequest, _exc: Http404) -> HttpResponse:
    return answer(request, Refused(404, "not_found", "There is nothing at this address."))


@api.exception_handler(RequestDataTooBig)
def on_too_big(request: HttpRequest, _exc: RequestDataTooBig) -> HttpResponse:
    return answer(request, Refused(413, "too_big", "The body is larger than this server takes."))


def routes() -> Any:
    """For urls.py. The framework answers a wrong method in plain text; like every other error it shall be JSON."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        pattern.callback = _in_json(pattern.callback) if pattern.callback else None
    return patterns, app_name, namespace


def _in_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        allowed = response["Allow"]
        spoken = answer(request, Refused(405, "method_not_allowed", f"This address answers to {allowed}."))
        spoken["Allow"] = allowed
        return spoken

    return answered


def not_found(request: HttpRequest, path: str) -> HttpResponse:
    """An address under the API that no route has: JSON like every other error."""
    hint = "/api/v1/docs lists what there is." if path.endswith("/") else "Most addresses end with a slash."
    return answer(request, Refused(404, "not_found", f"There is nothing at this address. {hint}"))
