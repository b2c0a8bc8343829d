"""The common part of Jinja in which Home Assistant's announcements say how a value stands in a message.

A template comes from a device. Jinja reads it; what it read is reckoned here, not run: there are no loops, no
attributes of Python objects and no functions but the listed ones; length, depth, numbers and texts are bounded, and
whatever else stands in it is refused by name. (Jinja's own sandbox keeps a template from Python's objects, and not
from what it costs.) The meanings are those of Jinja's template designer documentation and of Home Assistant's
templating documentation, but for defaults: they are no measurements.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from mqtt_app.parsers.template_choices import Scope, Step, choice, is_constant, seen
from mqtt_app.parsers.template_values import (
    FILTERS,
    FUNCTIONS,
    METHODS,
    TESTS,
    UNDEFINED,
    Call,
    Missing,
    Unfit,
    added,
    at,
    compared,
    divided,
    joined,
    key_of,
)

LONGEST = 4_096  # characters of a template
MOST_STEPS = 400  # names, numbers and operators of a template
DEEPEST = 40  # levels of operators, brackets and conditions
VALUES = ("value", "value_json")
TOO_DEEP = f"nested more than {DEEPEST} levels deep"

_JINJA = Environment(autoescape=False)  # noqa: S701  # nothing is rendered  # nosec B701
_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}


class Unreadable(Exception):
    """The template holds what is not read here; the message says what."""


def evaluated(template: str, value: str, document: Any) -> Any:
    """What `template` makes of a message; None where it finds nothing there. Raises Unreadable, Unfit."""
    try:
        found = compiled(template)({"value": value, "value_json": document})
    except Missing:
        return None
    except (TypeError, ValueError, OverflowError) as error:
        raise Unfit("a filter with a value, or with words, that it does not take") from error
    return None if found is UNDEFINED else found


@lru_cache(maxsize=2_048)
def compiled(template: str) -> Step:
    """The template as a function of {"value": text, "value_json": document}. Raises Unreadable.

    The function returns the value of a lone {{ … }} as it is, else a text. It raises Unfit where the message does not
    hold what the template needs, and returns UNDEFINED where it holds nothing there.
    """
    if len(template) > LONGEST:
        raise Unreadable(f"longer than {LONGEST} characters")
    try:
        tree = _JINJA.parse(template.strip())
    except TemplateSyntaxError as error:
        raise Unreadable(error.message or "no template") from error
    except RecursionError as error:
        raise Unreadable(TOO_DEEP) from error
    return _Reading().block(tree.body)


class _Reading:
    """Turns what Jinja read into functions of the scope, and knows which names there are by then."""

    def __init__(self) -> None:
        self.names, self.steps, self.depth = set(VALUES), 0, 0

    def block(self, body: Sequence[nodes.Node]) -> Step:
        """What a block says: its only part as it is, else all parts as one text."""
        found: list[Step] = []
        shown = 0
        for statement in body:
            parts = statement.nodes if isinstance(statement, nodes.Output) else [statement]
            for part in parts:
                if isinstance(part, nodes.TemplateData) and not part.data.strip():
                    continue
                found.append(self.step(part))
                shown += not isinstance(part, nodes.Assign)

        def say(scope: Scope) -> Any:
            said = [value for step in found if (value := step(scope)) is not UNDEFINED]
            if shown <= 1 or len(said) < 2:
                return said[-1] if said else UNDEFINED
            return joined(said)

        return say

    def step(self, node: nodes.Node) -> Step:
        self.steps += 1
        self.depth += 1
        if self.steps > MOST_STEPS:
            raise Unreadable(f"more than {MOST_STEPS} words")
        if self.depth > DEEPEST:
            raise Unreadable(TOO_DEEP)
        read = _READ.get(type(node))
        if read is None:
            raise Unreadable(f"“{type(node).__name__.lower()}”")
        made = read(self, node)
        self.depth -= 1
        return made

    def data(self, node: nodes.TemplateData) -> Step:
        return lambda scope: node.data  # noqa: ARG005

    def condition(self, node: nodes.If) -> Step:
        bodies = [node.body, *(one.body for one in node.elif_), node.else_]
        asked = [self.step(one.test) for one in (node, *node.elif_)]
        return choice(asked, [self.block(body) for body in bodies], [is_constant(*body) for body in bodies])

    def assigned(self, node: nodes.Assign) -> Step:
        target = node.target
        if not isinstance(target, nodes.Name) or target.name in VALUES:
            raise Unreadable("a “set” that is no name = expression")
        name, given = target.name, self.step(node.node)
        self.names.add(name)

        def assign(scope: Scope) -> Any:
            scope[name] = given(scope)
            return UNDEFINED

        return assign

    def constant(self, node: nodes.Const) -> Step:
        return lambda scope: node.value  # noqa: ARG005

    def name(self, node: nodes.Name) -> Step:
        if node.name not in self.names:
            raise Unreadable(f"“{node.name}”")
        return lambda scope: seen(scope, scope.get(node.name, UNDEFINED))

    def place(self, node: nodes.Getattr | nodes.Getitem) -> Step:
        found = self.step(node.node)
        if isinstance(node, nodes.Getattr):
            return lambda scope: seen(scope, at(found(scope), node.attr))
        key = self.step(node.arg)
        return lambda scope: seen(scope, at(found(scope), key(scope)))

    def filtered(self, node: nodes.Filter) -> Step:
        if node.node is None:
            raise Unreadable(f"“{node.name}”")
        return self.applied(FILTERS, node.name, [node.node], node)

    def called(self, node: nodes.Call) -> Step:
        if isinstance(node.node, nodes.Getattr):
            return self.applied(METHODS, node.node.attr, [node.node.node], node)
        name = node.node.name if isinstance(node.node, nodes.Name) else "(…)"
        return self.applied(FUNCTIONS, name, [], node)

    def tested(self, node: nodes.Test) -> Step:
        return self.applied(TESTS, node.name, [node.node], node)

    def applied(
        self, table: dict[str, Call], name: str, first: list[nodes.Expr], node: nodes.Filter | nodes.Call | nodes.Test
    ) -> Step:
        parts = [*first, *node.args]
        if name == "iif" and 1 <= len(parts) <= 3 and not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            return self.chosen(nodes.CondExpr(*parts, *(nodes.Const(True), nodes.Const(False))[len(parts) - 1 :]))
        if name not in table or node.dyn_args or node.dyn_kwargs:
            raise Unreadable(f"“{name}”")
        call, given = table[name], [self.step(one) for one in parts]
        named = {one.key: self.step(one.value) for one in node.kwargs if isinstance(one, nodes.Keyword)}
        return lambda scope: call(*(one(scope) for one in given), **{key: one(scope) for key, one in named.items()})

    def chosen(self, node: nodes.CondExpr) -> Step:
        if node.expr2 is None:
            asked, then = self.step(node.test), self.step(node.expr1)
            return lambda scope: then(scope) if asked(scope) else UNDEFINED
        cases = [node.expr1, node.expr2]
        return choice([self.step(node.test)], [self.step(one) for one in cases], [is_constant(one) for one in cases])

    def both(self, node: nodes.And) -> Step:
        one, two = self.step(node.left), self.step(node.right)
        return lambda scope: one(scope) and two(scope)

    def either(self, node: nodes.Or) -> Step:
        one, two = self.step(node.left), self.step(node.right)
        if is_constant(node.right):
            return lambda scope: found if (found := one(scope)) or found is UNDEFINED else two(scope)
        return lambda scope: one(scope) or two(scope)

    def negated(self, node: nodes.Not) -> Step:
        one = self.step(node.node)
        return lambda scope: not one(scope)

    def signed(self, node: nodes.UnaryExpr) -> Step:
        one, sign = self.step(node.node), -1 if isinstance(node, nodes.Neg) else 1
        return lambda scope: divided("*", sign, one(scope))

    def sum(self, node: nodes.BinExpr) -> Step:
        one, two = self.step(node.left), self.step(node.right)
        return lambda scope: added(node.operator, one(scope), two(scope))

    def product(self, node: nodes.BinExpr) -> Step:
        one, two = self.step(node.left), self.step(node.right)
        return lambda scope: divided(node.operator, one(scope), two(scope))

    def text(self, node: nodes.Concat) -> Step:
        parts = [self.step(one) for one in node.nodes]
        return lambda scope: joined([one(scope) for one in parts])

    def comparison(self, node: nodes.Compare) -> Step:
        parts = [self.step(one) for one in (node.expr, *(each.expr for each in node.ops))]
        signs = [_COMPARED[each.op] for each in node.ops]

        def compare(scope: Scope) -> bool:
            values = [one(scope) for one in parts]
            held = [compared(sign, *pair) for sign, pair in zip(signs, pairwise(values), strict=True)]
            if signs[0].endswith("in") and isinstance(values[1], dict) and held[0] == (signs[0] == "not in"):
                seen(scope, UNDEFINED)
            return all(held)

        return compare

    def listed(self, node: nodes.List | nodes.Tuple) -> Step:
        items = [self.step(one) for one in node.items]
        return lambda scope: [one(scope) for one in items]

    def mapping(self, node: nodes.Dict) -> Step:
        pairs = [(self.step(pair.key), self.step(pair.value)) for pair in node.items]
        return lambda scope: {key_of(key(scope)): value(scope) for key, value in pairs}


_READ: dict[type[nodes.Node], Callable[[_Reading, Any], Step]] = {
    nodes.TemplateData: _Reading.data, nodes.If: _Reading.condition, nodes.Assign: _Reading.assigned,
    nodes.Const: _Reading.constant, nodes.Name: _Reading.name, nodes.Getattr: _Reading.place,
    nodes.Getitem: _Reading.place, nodes.Filter: _Reading.filtered, nodes.Call: _Reading.called,
    nodes.Test: _Reading.tested, nodes.CondExpr: _Reading.chosen, nodes.And: _Reading.both, nodes.Or: _Reading.either,
    nodes.Not: _Reading.negated, nodes.Neg: _Reading.signed, nodes.Pos: _Reading.signed, nodes.Add: _Reading.sum,
    nodes.Sub: _Reading.sum, nodes.Mul: _Reading.product, nodes.Div: _Reading.product,
    nodes.FloorDiv: _Reading.product, nodes.Mod: _Reading.product, nodes.Concat: _Reading.text,
    nodes.Compare: _Reading.comparison, nodes.List: _Reading.listed, nodes.Tuple: _Reading.listed,
    nodes.Dict: _Reading.mapping,
}  # fmt: skip
