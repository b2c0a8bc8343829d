"""What a value template chooses between, and when its choice is a default: a constant for what the message leaves out.

`{% if value_json.p is defined %}{{ value_json.p }}{% else %}0{% endif %}` says 0 where nobody measured 0. A constant
stays what it is where the message decided: `{{ 0 if value_json.state == 'off' else value_json.p }}`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from mqtt_app.parsers.template_values import UNDEFINED, Missing, Unfit

GAP = "what is missing"  # no name of Jinja's: whether a look at the message found nothing

Scope = dict[str, Any]
Step = Callable[[Scope], Any]


def seen(scope: Scope, value: Any) -> Any:
    """`value` as it is; that it is nothing is noted."""
    if value is UNDEFINED or value is None:
        scope[GAP] = True
    return value


def is_constant(*parts: nodes.Node) -> bool:
    """Whether these parts of a template say the same of every message."""
    return not any(isinstance(part, nodes.Name) or part.find(nodes.Name) for part in parts)


def choice(asked: Sequence[Step], cases: Sequence[Step], constant: Sequence[bool]) -> Step:
    """The case of the first question that is true, else the last one; nothing where that is a default.

    asked: one question for each case but the last. constant: for each case, whether it says the same of every message.
    """
    measured = [case for case, is_same in zip(cases, constant, strict=True) if not is_same]

    def choose(scope: Scope) -> Any:
        before = scope.pop(GAP, False)
        taken = next((place for place, question in enumerate(asked) if question(scope)), len(asked))
        is_gap, scope[GAP] = scope.get(GAP, False), before or scope.get(GAP, False)
        if constant[taken] and is_gap and measured and not any(_finds(case, scope) for case in measured):
            return UNDEFINED
        return cases[taken](scope)

    return choose


def _finds(case: Step, scope: Scope) -> bool:
    try:
        found = case(dict(scope))
    except Missing:
        return False
    except (Unfit, TypeError, ValueError, OverflowError):
        return True
    return found is not UNDEFINED and found is not None
