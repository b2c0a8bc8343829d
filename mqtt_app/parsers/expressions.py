"""JMESPath expressions that people write, parsed once and evaluated within a budget.

No code from users runs here: an expression is walked by our own interpreter, which counts its steps.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from jmespath.visitor import TreeInterpreter

EXPRESSION_CHARACTERS = 512
NODES = 80  # of one expression
DEPTH = 40
BUDGET = 100_000  # steps of all expressions over one message: some tenths of a second
FUNCTIONS = frozenset(
    {
        "abs", "avg", "ceil", "contains", "ends_with", "floor", "keys", "length", "map", "max", "max_by", "merge",
        "min", "min_by", "not_null", "reverse", "sort", "sort_by", "starts_with", "sum", "to_array", "to_number",
        "to_string", "type", "values",
    }
)  # fmt: skip
"""All of JMESPath's but join, by which a small message could make a huge text."""


@lru_cache(maxsize=4_096)
def parsed(expression: str) -> ParsedResult:
    """Raises ValueError for what is no expression, or too large a one."""
    try:
        result = jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(f"This is no JMESPath expression: {' '.join(str(error).split())[:200]}") from error
    except RecursionError as error:
        raise ValueError("This expression is nested too deeply.") from error
    nodes = list(_nodes(result.parsed, 0))
    if len(nodes) > NODES or max(depth for _, depth in nodes) > DEPTH:
        raise ValueError(f"An expression has {NODES} parts and {DEPTH} levels at most.")
    strange = {node["value"] for node, _ in nodes if node["type"] == "function_expression"} - FUNCTIONS
    if strange:
        raise ValueError(f"These functions are not available: {', '.join(sorted(strange))}.")
    return result


def _nodes(node: dict[str, Any], depth: int) -> Iterator[tuple[dict[str, Any], int]]:
    yield node, depth
    for child in node["children"] if depth <= DEPTH else ():
        if isinstance(child, dict) and "type" in child:
            yield from _nodes(child, depth + 1)


class TooCostly(Exception):
    """An expression took more steps than a message may cost."""


class Interpreter(TreeInterpreter):  # type: ignore[misc]  # the library is not typed
    """Counts every step and the size of what it makes: no expression and no message outlasts the budget."""

    def __init__(self, budget: int = BUDGET) -> None:
        super().__init__()
        self.left = budget

    def visit(self, node: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._pay(1)
        result = super().visit(node, *args, **kwargs)
        if isinstance(result, list | dict):
            self._pay(len(result))
        elif isinstance(result, str):
            self._pay(len(result) // 64)
        return result

    def _pay(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooCostly
