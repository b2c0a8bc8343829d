"""Topic templates learned from paths: {site}/gateway/{n}/status stands for the topics of a thousand gateways. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

ALIKE = 4
"""So many siblings with the same topics below them are things of one kind: their level is a {name}."""

LEAVES = 50
"""A level with nothing below it names a quantity, not a thing; only beyond so many is it taken for a {name}."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}", re.IGNORECASE)
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{6,}", re.IGNORECASE)
_PARTS = re.compile(r"([-_.:@ ])")
_NUMBERED = re.compile(r"(\D*?)(\d+)", re.ASCII)
_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}", re.ASCII)

Levels = tuple[str, ...]


def shape(level: str) -> str:
    """A level with what looks like a number or an identifier in it left open: MNA00542 → MNA{n}."""
    if _UUID.fullmatch(level) or _MAC.fullmatch(level):
        return "{id}"
    return "".join(_open(part) for part in _PARTS.split(level))


def _open(part: str) -> str:
    if numbered := _NUMBERED.fullmatch(part):
        return f"{numbered[1]}{{n}}"
    return "{id}" if _HEX.fullmatch(part) else part


def of_path(path: str, slug: str) -> str:
    """The template of one topic, judged by its own looks: the roughest guess, for those too many to be compared."""
    first, *rest = path.split("/")
    return _named(["{site}" if first == slug else shape(first), *map(shape, rest)])


def learn(paths: Iterable[str], slug: str) -> dict[str, str]:
    """The template of each topic of a site, by comparing them: a level is open where others differ in nothing else."""
    split = {path: tuple(path.split("/")) for path in paths}
    templates: dict[Levels, Levels] = {}
    own = [levels for levels in split.values() if levels[0] == slug]
    _learn([(levels, levels[1:]) for levels in own], ("{site}",), templates)
    _learn([(levels, levels) for levels in split.values() if levels[0] != slug], (), templates)
    return {path: _named(templates[levels]) for path, levels in split.items()}


def _learn(rows: Sequence[tuple[Levels, Levels]], above: Levels, found: dict[Levels, Levels]) -> None:
    """Decide the next level of rows (whole path, what is left of it) that share the levels above."""
    below: dict[str, set[Levels]] = {}
    groups: dict[str, list[tuple[Levels, Levels]]] = {}
    for whole, left in rows:
        if left:
            below.setdefault(left[0], set()).add(tuple(map(shape, left[1:])))
        else:
            found[whole] = above
    opened = _opened(below)
    for whole, left in rows:
        if left:
            groups.setdefault(opened[left[0]], []).append((whole, left[1:]))
    for level, group in groups.items():
        _learn(group, (*above, level), found)


def _opened(below: Mapping[str, set[Levels]]) -> dict[str, str]:
    """What each of these sibling levels becomes; below: the shapes of all that is under it."""
    shapes = {level: shape(level) for level in below}
    many = Counter(shapes.values())
    result = {level: shape if shape in ("{n}", "{id}") or many[shape] > 1 else level for level, shape in shapes.items()}
    words = [level for level in below if result[level] == level]
    under = {level: below[level] - {()} or {()} for level in words}  # a thing may speak on its own level, too
    kinds = Counter(frozenset(topics) for topics in under.values())
    alike = [kind for kind, count in kinds.items() if count >= (ALIKE if any(kind) else LEAVES)]
    for level in words:
        if any(under[level] <= kind for kind in alike):
            result[level] = "{name}"
    return result


def _named(levels: Iterable[str]) -> str:
    """Levels as one text, in which no two open places bear the same name."""
    used: Counter[str] = Counter()

    def once(place: re.Match[str]) -> str:
        used[place[1]] += 1
        return f"{{{place[1]}{used[place[1]] if used[place[1]] > 1 else ''}}}"

    return _FIELD.sub(once, "/".join(levels))


def as_filter(template: str, slug: str | None = None) -> str:
    """The narrowest MQTT filter that holds the template's topics. slug: what stands for {site}; without it any site."""
    filled = template.replace("{site}", slug) if slug is not None else template
    return "/".join("+" if _FIELD.search(level) else level for level in filled.split("/"))


def fields(template: str) -> list[str]:
    """The names of the template's open places."""
    return _FIELD.findall(template)


def pattern(template: str) -> re.Pattern[str]:
    """A regular expression that matches the template's topics, with a group for each open place. Linear in the topic.

    Raises ValueError for a name that occurs twice, and for two open places without anything between them.
    """
    names = fields(template)
    if len(set(names)) < len(names):
        raise ValueError("Each open place needs a name of its own.")
    if re.search(r"\}\{", template):
        raise ValueError("Between two open places there must be something that tells them apart.")
    return re.compile("".join(_expression(part) for part in re.split(r"(\{[a-z_][a-z0-9_]*\})", template)))


def _expression(part: str) -> str:
    place = _FIELD.fullmatch(part)
    return f"(?P<{place[1]}>[^/]+?)" if place else re.escape(part)
