"""What value templates do with values: arithmetic, comparisons, filters, tests; each bounded.

A default is no measurement: what stands nowhere, or is no number, stays nothing, whatever a template would put there.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json

LONGEST_TEXT = 65_536  # characters that a filter may make
_SILENT = ("", "unavailable", "unknown", "none", "null", "nan", "inf", "-inf")  # words of what has no value
MOST_BITS = 256  # of an integer

Call = Callable[..., Any]


class Unfit(Exception):
    """The message does not hold what the template needs; the text says what."""


class Undefined:
    """What stands nowhere in the message: false, and no value."""

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()


class Missing(Unfit):
    """The template reckons with something that stands nowhere in the message."""


def _number(value: Any) -> int | float:
    if value is UNDEFINED:
        raise Missing("nothing stands there")
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, int | float):
        raise Unfit("a number is needed")
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise Unfit("an integer that is too large")
    return value


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unfit(f"a text of more than {LONGEST_TEXT} characters")
    return text


def text(value: Any) -> str:
    """As Jinja writes a value."""
    if value is UNDEFINED or isinstance(value, dict | list):
        return ""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise Unfit("an integer that is too large")
    return _bounded(str(value))


def joined(values: list[Any]) -> str:
    return _bounded("".join(map(text, values)))


def added(sign: str, one: Any, two: Any) -> Any:
    """one + two, one - two."""
    if sign == "+" and isinstance(one, str) and isinstance(two, str):
        return joined([one, two])
    return _number(one) + _number(two) if sign == "+" else _number(one) - _number(two)


_PRODUCTS = {"*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod}


def divided(sign: str, one: Any, two: Any) -> Any:
    """one * two, one / two, one // two, one % two."""
    try:
        return _PRODUCTS[sign](_number(one), _number(two))
    except (ZeroDivisionError, OverflowError) as error:
        raise Unfit(str(error)) from error


_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def compared(sign: str, one: Any, two: Any) -> bool:
    """sign: ==, !=, <, <=, >, >=, in, not in."""
    if sign in ("==", "!="):
        return bool(one == two) == (sign == "==")
    if sign in ("in", "not in"):
        try:
            return (one in two) == (sign == "in")
        except TypeError as error:
            raise Unfit("a list or a text is needed") from error
    if isinstance(one, str) and isinstance(two, str):
        return bool(_ORDERS[sign](one, two))
    return bool(_ORDERS[sign](_number(one), _number(two)))


def at(found: Any, key: Any) -> Any:
    """What stands in an object under a key, or in a list or text at a number."""
    if isinstance(found, dict) and isinstance(key, str | int | float):
        return found.get(key, UNDEFINED)
    if isinstance(found, list | str) and isinstance(key, int) and -len(found) <= key < len(found):
        return found[key]
    return UNDEFINED


def key_of(value: Any) -> Any:
    """A value that may be the key of an object."""
    if not isinstance(value, str | int | float):
        raise Unfit("a key that is neither a text nor a number")
    return value


def _float(value: Any, default: Any = None) -> float:  # noqa: ARG001
    if isinstance(value, str) and value.strip().lower() in _SILENT:
        raise Missing("nothing is said")
    try:
        number = float(value[:64] if isinstance(value, str) else _number(value))
    except (ValueError, OverflowError) as error:
        raise Unfit("a number is needed") from error
    if not math.isfinite(number):
        raise Missing("not a finite number")
    return number


def _int(value: Any, default: Any = None, base: Any = 10) -> int:
    if isinstance(value, str) and base in (2, 8, 16):
        try:
            return int(value[:64], base)
        except ValueError as error:
            raise Unfit("a number is needed") from error
    return int(_float(value, default))


def _round(value: Any, precision: Any = 0, method: Any = "common", default: Any = None) -> float:
    number = _float(value, default)
    places = int(_number(precision))
    if not -20 <= places <= 20:
        raise Unfit("more than 20 digits")
    if method in ("floor", "ceil"):
        power = 10.0**places
        return (math.floor if method == "floor" else math.ceil)(number * power) / power
    return round(number, places)


def _default(value: Any, fallback: Any = "", even_false: Any = False) -> Any:  # noqa: ARG001
    return value


def _replaced(value: Any, old: Any, new: Any) -> str:
    whole, old, new = text(value), text(old), text(new)
    if not old or len(whole) * (len(new) + 1) > LONGEST_TEXT:
        raise Unfit("a replacement that is too large")
    return whole.replace(old, new)


def _split(value: Any, sep: Any = None, maxsplit: Any = -1) -> list[str]:
    try:
        return text(value).split(text(sep) if sep is not None else None, int(_number(maxsplit)))
    except ValueError as error:
        raise Unfit(str(error)) from error


def _sequence(value: Any) -> list[Any]:
    if isinstance(value, dict | str):
        return list(value)
    if not isinstance(value, list):
        raise Unfit("a list is needed")
    return value


def _json(value: Any) -> Any:
    try:
        return from_json(text(value))
    except ValueError as error:
        raise Unfit("a text that is no JSON") from error


def _extreme(which: Callable[..., Any]) -> Call:
    def extreme(*values: Any) -> Any:
        found = _sequence(values[0]) if len(values) == 1 else list(values)
        if not found:
            raise Unfit("an empty list")
        return which(map(_number, found))

    return extreme


def _bool(value: Any, default: Any = None) -> bool:  # noqa: ARG001
    if isinstance(value, bool | int | float):
        return bool(value)
    word = text(value).lower()
    if word in ("true", "yes", "on", "enable", "1"):
        return True
    if word not in ("false", "no", "off", "disable", "0"):
        raise Unfit("a truth value is needed")
    return False


def _got(value: Any, key: Any, default: Any = None) -> Any:  # noqa: ARG001
    return at(value, key)


def _bits(value: Any, mask: Any) -> int:
    return int(_number(value)) & int(_number(mask))


_TEXT: dict[str, Call] = {
    "lower": lambda value: text(value).lower(),
    "upper": lambda value: text(value).upper(),
    "replace": _replaced,
    "split": _split,
}
METHODS: dict[str, Call] = _TEXT | {"get": _got, "strip": lambda value: text(value).strip()}
FILTERS: dict[str, Call] = _TEXT | {
    "float": _float, "int": _int, "round": _round, "default": _default, "d": _default, "bool": _bool,
    "abs": lambda value: abs(_number(value)), "multiply": lambda value, by: _number(value) * _number(by),
    "add": lambda value, by: _number(value) + _number(by), "string": text, "trim": lambda value: text(value).strip(),
    "is_defined": lambda value: value, "length": lambda value: len(_sequence(value)), "from_json": _json,
    "count": lambda value: len(_sequence(value)), "first": lambda value: at(_sequence(value), 0),
    "last": lambda value: at(_sequence(value), -1), "sum": lambda value: sum(map(_number, _sequence(value))),
    "min": _extreme(min), "max": _extreme(max), "bitwise_and": _bits,
}  # fmt: skip
FUNCTIONS: dict[str, Call] = {
    "float": _float, "int": _int, "bool": _bool, "min": _extreme(min), "max": _extreme(max),
    "bitwise_and": _bits,
}  # fmt: skip
TESTS: dict[str, Callable[[Any], bool]] = {
    "defined": lambda value: value is not UNDEFINED, "undefined": lambda value: value is UNDEFINED,
    "none": lambda value: value is None, "number": lambda value: isinstance(value, int | float),
    "string": lambda value: isinstance(value, str), "mapping": lambda value: isinstance(value, dict),
    "true": lambda value: value is True, "false": lambda value: value is False,
    "even": lambda value: _number(value) % 2 == 0, "odd": lambda value: _number(value) % 2 == 1,
}  # fmt: skip
