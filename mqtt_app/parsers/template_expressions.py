"""One expression of a value template: words, and a recursive descent over them that ends in a function of the scope."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from mqtt_app.parsers.template_values import (
    FILTERS,
    FUNCTIONS,
    METHODS,
    TESTS,
    UNDEFINED,
    Call,
    Unfit,
    added,
    compared,
    divided,
    looked_up,
)  # fmt: skip

MOST_STEPS = 400  # names, numbers and operators of an expression
DEEPEST = 40  # levels of brackets and conditions

Scope = dict[str, Any]
Node = Callable[[Scope], Any]

VALUES = ("value", "value_json")
_CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_KEYWORDS = ("if", "else", "and", "or", "not", "in", "is")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>//|==|!=|<=|>=|[-+*/%~<>|.,:()\[\]{}=]))\s*",
    re.DOTALL,
)


class Unreadable(Exception):
    """The template holds what is not read here; the message says what."""


class Token(NamedTuple):
    """One word of an expression. kind: number, text, name or sign."""

    kind: str
    text: str


def constant(value: Any) -> Node:
    return lambda scope: value  # noqa: ARG005


class Expression:
    """One expression, read from its first word to its last by recursive descent."""

    def __init__(self, text: str, names: set[str]) -> None:
        self.names, self.at, self.depth = names, 0, 0
        self.tokens: list[Token] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise Unreadable(f"“{text[place : place + 20].strip()}”")
            kind = found.lastgroup or ""
            self.tokens.append(Token(kind, found[kind]))
            place = found.end()
        if len(self.tokens) > MOST_STEPS:
            raise Unreadable(f"more than {MOST_STEPS} words")

    def whole(self) -> Node:
        node = self._choice()
        if self.at < len(self.tokens):
            self._refuse()
        return node

    def _refuse(self) -> NoReturn:
        raise Unreadable(f"“{self.tokens[self.at].text}”" if self.at < len(self.tokens) else "an unfinished expression")

    def _next(self, *texts: str) -> str | None:
        """The next word, if it is one of these signs or keywords, and past it."""
        if self.at < len(self.tokens) and self.tokens[self.at].kind in ("sign", "name"):
            found = self.tokens[self.at].text
            if found in texts:
                self.at += 1
                return found
        return None

    def _expect(self, text: str) -> None:
        if not self._next(text):
            self._refuse()

    def _name(self) -> str:
        if self.at == len(self.tokens) or self.tokens[self.at].kind != "name":
            self._refuse()
        self.at += 1
        return self.tokens[self.at - 1].text

    def _choice(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(f"nested more than {DEEPEST} levels deep")
        then = self._either()
        if self._next("if"):
            asked = self._either()
            otherwise = self._choice() if self._next("else") else constant(UNDEFINED)
            inner = then
            self.depth -= 1
            return lambda scope: inner(scope) if asked(scope) else otherwise(scope)
        self.depth -= 1
        return then

    def _either(self) -> Node:
        left = self._both()
        while self._next("or"):
            left = (lambda one, two: lambda scope: one(scope) or two(scope))(left, self._both())
        return left

    def _both(self) -> Node:
        left = self._negated()
        while self._next("and"):
            left = (lambda one, two: lambda scope: one(scope) and two(scope))(left, self._negated())
        return left

    def _negated(self) -> Node:
        turns = 0
        while self._next("not"):
            turns += 1
        node = self._compared()
        return (lambda scope: bool(node(scope)) == (turns % 2 == 0)) if turns else node

    def _compared(self) -> Node:
        left = self._sum()
        while True:
            if sign := self._next("==", "!=", "<", "<=", ">", ">=", "in"):
                left = compared(sign, left, self._sum())
            elif self._next("not"):
                self._expect("in")
                left = compared("not in", left, self._sum())
            else:
                return left

    def _sum(self) -> Node:
        left = self._product()
        while sign := self._next("+", "-", "~"):
            left = added(sign, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._signed()
        while sign := self._next("*", "//", "/", "%"):
            left = divided(sign, left, self._signed())
        return left

    def _signed(self) -> Node:
        turns = 0
        while sign := self._next("-", "+"):
            turns += sign == "-"
        node = self._filtered()
        return divided("*", constant(-1), node) if turns % 2 else node

    def _filtered(self) -> Node:
        node = self._followed()
        while True:
            if self._next("|"):
                node = self._applied(FILTERS, self._name(), node)
            elif self._next("is"):
                is_not = bool(self._next("not"))
                name = self._name()
                if name not in TESTS:
                    raise Unreadable(f"the test “{name}”")
                node = (lambda test, one, turned: lambda scope: test(one(scope)) != turned)(TESTS[name], node, is_not)
            else:
                return node

    def _applied(self, table: dict[str, Call], name: str, *first: Node) -> Node:
        if name not in table:
            raise Unreadable(f"“{name}”")
        call, given = table[name], (*first, *(self._arguments() if self._next("(") else ()))
        return lambda scope: call(*(one(scope) for one in given))

    def _arguments(self, end: str = ")") -> list[Node]:
        given: list[Node] = []
        while not self._next(end):
            if given:
                self._expect(",")
                if self._next(end):
                    break
            if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].text == "=":  # default=0
                self.at += 2
            given.append(self._choice())
        return given

    def _followed(self) -> Node:
        node = self._single()
        while True:
            if self._next("["):
                key = self._choice()
                self._expect("]")
                node = looked_up(node, key)
            elif self._next("."):
                name = self._name()
                is_call = self.at < len(self.tokens) and self.tokens[self.at].text == "("
                node = self._applied(METHODS, name, node) if is_call else looked_up(node, constant(name))
            else:
                return node

    def _single(self) -> Node:
        if self._next("("):
            node = self._choice()
            self._expect(")")
            return node
        if self._next("["):
            given = self._arguments("]")
            return lambda scope: [one(scope) for one in given]
        if self._next("{"):
            return self._mapping()
        if self.at == len(self.tokens) or self.tokens[self.at].kind == "sign":
            self._refuse()
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "number":
            return constant(float(token.text) if re.search("[.eE]", token.text) else int(token.text))
        if token.kind == "text":
            return constant(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
        return self._named(token.text)

    def _named(self, name: str) -> Node:
        if name in _CONSTANTS:
            return constant(_CONSTANTS[name])
        if self.at < len(self.tokens) and self.tokens[self.at].text == "(":
            return self._applied(FUNCTIONS, name)
        if name in _KEYWORDS or name not in (*VALUES, *self.names):
            raise Unreadable(f"“{name}”")
        return lambda scope: scope.get(name, UNDEFINED)

    def _mapping(self) -> Node:
        pairs: list[tuple[Node, Node]] = []
        while not self._next("}"):
            if pairs:
                self._expect(",")
            key = self._choice()
            self._expect(":")
            pairs.append((key, self._choice()))
        return lambda scope: {_key(key(scope)): value(scope) for key, value in pairs}


def _key(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise Unfit("a key that is neither a text nor a number")
    return value
