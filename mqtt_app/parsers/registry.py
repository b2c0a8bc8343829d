"""Which parser reads which topic: the dotted paths of settings.PARSERS, loaded once per process."""

from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.module_loading import import_string

from mqtt_app.parsers.base import Parser
from mqtt_app.topics import matches, validate_filter

CACHED_TOPICS = 10_000  # about what one worker meets again and again
CACHED_TOPIC_CHARACTERS = 512  # as long as a topic that is kept; longer ones would only fill the memory


def load(paths: Iterable[str]) -> dict[str, Parser]:
    """The parsers by name, in the order of `paths`. Raises ImproperlyConfigured naming the path that is wrong."""
    parsers: dict[str, Parser] = {}
    for path in paths:
        parser = _load(path)
        if parser.name in parsers:
            raise ImproperlyConfigured(f"PARSERS: {path} is the second parser named “{parser.name}”; names are unique.")
        parsers[parser.name] = parser
    return parsers


def _load(path: str) -> Parser:
    try:
        parser: Parser = import_string(path)()
        if not (parser.name and parser.patterns and callable(parser.parse)):
            raise TypeError("a parser has a name, patterns and parse()")
        for pattern in parser.patterns:
            validate_filter(pattern)
    except ValidationError as error:
        raise ImproperlyConfigured(f"PARSERS: {path} has a bad pattern: {'; '.join(error.messages)}") from error
    except Exception as error:
        raise ImproperlyConfigured(f"PARSERS: {path} cannot be loaded: {error}") from error
    return parser


@cache
def _installed() -> dict[str, Parser]:
    return load(settings.PARSERS)


def find(topic: str) -> Parser | None:
    """The first parser of settings.PARSERS that recognises `topic`."""
    return _remembered(topic) if len(topic) <= CACHED_TOPIC_CHARACTERS else _search(topic)


def _search(topic: str) -> Parser | None:
    return next((p for p in _installed().values() if any(matches(pattern, topic) for pattern in p.patterns)), None)


_remembered = lru_cache(maxsize=CACHED_TOPICS)(_search)


def get(name: str) -> Parser | None:
    """The installed parser of that name."""
    return _installed().get(name)


def pattern(parser: Parser, topic: str) -> str:
    """The parser's filter that `topic` matches; empty where it reads the topic because somebody said so."""
    return next((one for one in parser.patterns if matches(one, topic)), "")


def version(name: str) -> str:
    """The version that a parser gives itself; 1 where it says nothing of it. A new one makes new kinds of failures."""
    return str(getattr(get(name), "version", "1"))[:32]


@cache
def mark() -> str:
    """Sixteen letters that change with the parsers of this process, their order and their patterns."""
    told = "\n".join(f"{parser.name} {' '.join(parser.patterns)}" for parser in _installed().values())
    return blake2b(told.encode(), digest_size=8).hexdigest()


def names() -> list[str]:
    """The names of all installed parsers, in the order in which they are asked."""
    return list(_installed())
