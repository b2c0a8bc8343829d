"""Which parser reads which topic: the dotted paths of settings.PARSERS, loaded once per process."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.module_loading import import_string

from mqtt_app.parsers import plugins
from mqtt_app.parsers.base import Family, Parser
from mqtt_app.parsers.plugins import Broken, Guarded
from mqtt_app.topics import matches, regular_expression, validate_filter

CACHED_TOPICS = 10_000  # about what one worker meets again and again
CACHED_TOPIC_CHARACTERS = 512  # as long as a topic that is kept; longer ones would only fill the memory


def load(paths: Iterable[str]) -> dict[str, Parser]:
    """The parsers by name, in the order of `paths`, those that come last at the end.

    Raises ImproperlyConfigured naming the path that is wrong.
    """
    parsers: dict[str, Parser] = {}
    for path in paths:
        parser = _load(path)
        if parser.name in parsers:
            raise ImproperlyConfigured(f"PARSERS: {path} is the second parser named “{parser.name}”; names are unique.")
        parsers[parser.name] = parser
    return ordered(parsers)


def ordered(parsers: dict[str, Parser]) -> dict[str, Parser]:
    """Those that take what nobody else does come last."""
    return dict(sorted(parsers.items(), key=lambda named: getattr(named[1], "is_last", False)))


def _load(path: str) -> Parser:
    try:
        parser: Parser = import_string(path)()
        if not (parser.name and (parser.patterns or getattr(parser, "topics", None)) and callable(parser.parse)):
            raise TypeError("a parser has a name, patterns and parse()")
        for pattern in parser.patterns:
            validate_filter(pattern)
    except ValidationError as error:
        raise ImproperlyConfigured(f"PARSERS: {path} has a bad pattern: {'; '.join(error.messages)}") from error
    except Exception as error:
        raise ImproperlyConfigured(f"PARSERS: {path} cannot be loaded: {error}") from error
    return parser


class Installed(NamedTuple):
    """What this process has: the parsers by name, in the order in which they are asked, and the plugins left out."""

    parsers: dict[str, Parser]
    broken: tuple[Broken, ...]


@cache
def _everything() -> Installed:
    """Ours and those of plugins, read once: others come with the next start."""
    parsers = load(settings.PARSERS)
    foreign, broken = plugins.load(parsers)
    return Installed(ordered(parsers | {parser.name: parser for parser in foreign}), tuple(broken))


def _installed() -> dict[str, Parser]:
    return _everything().parsers


def broken() -> tuple[Broken, ...]:
    """Plugins that brought no parser, and why."""
    return _everything().broken


class Way(NamedTuple):
    """How a topic is read: who may read it, in the order in which they are asked, each with the filter that it met.

    topic: as the family publishes it, without the site's name where a bridge put that before it.
    asks: what has to be known to read it.
    """

    topic: str
    readers: tuple[tuple[Parser, str], ...]
    asks: tuple[str, ...]


def find(topic: str, payload: bytes | None = None) -> Parser | None:
    """The first parser that recognises `topic`. Some want to see the payload; without one they are passed over."""
    found = choose(way(topic), payload)
    return found[0] if found else None


def choose(way: Way, payload: bytes | None) -> tuple[Parser, str] | None:
    """The parser that reads `payload` on this way, and its filter that the topic met."""
    for reader in way.readers:
        parser = reader[0]
        if not isinstance(parser, Family) or not _looks(parser) or (payload is not None and parser.fits(payload)):
            return reader
    return None


def way(topic: str, site: str = "") -> Way:
    """How `topic` is read at `site`, whose slug may stand before a topic that a family publishes without it."""
    return _remembered(topic, site) if len(topic) <= CACHED_TOPIC_CHARACTERS else _search(topic, site)


def _search(topic: str, site: str) -> Way:
    found = _readers(topic)
    if site and topic.startswith(f"{site}/") and all(_looks(parser) for parser, _ in found):
        topic = topic.removeprefix(f"{site}/")
        found = _readers(topic)
    asked = [parser.asks(topic) for parser, _ in found if isinstance(parser, Family)]
    return Way(topic, tuple(found), tuple(dict.fromkeys(key for keys in asked for key in keys)))


def _readers(topic: str) -> list[tuple[Parser, str]]:
    """Whoever may read `topic`, up to the first who needs not look at the payload."""
    readers = []
    for parser in _installed().values():
        met = _any_of(tuple(parser.patterns)).match(topic)
        pattern = next(one for one in parser.patterns if matches(one, topic)) if met else None
        if pattern is None and isinstance(parser, Family) and parser.topics and parser.topics.search(topic):
            pattern = ""
        if pattern is not None:
            readers.append((parser, pattern))
            if not _looks(parser):
                break
    return readers


@lru_cache(maxsize=1_024)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """These filters as one regular expression; of none of them, one that nothing matches."""
    return re.compile("|".join(map(regular_expression, patterns)) or "(?!)", re.DOTALL)


def _looks(parser: Parser) -> bool:
    """Whether a parser decides by the payload too."""
    if isinstance(parser, Guarded):
        return parser.looks
    return isinstance(parser, Family) and type(parser).fits is not Family.fits


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
    told = "\n".join(f"{name} {version(name)} {' '.join(one.patterns)}" for name, one in _installed().items())
    return blake2b(told.encode(), digest_size=8).hexdigest()


def names() -> list[str]:
    """The names of all installed parsers, in the order in which they are asked."""
    return list(_installed())
