"""docs/settings.md lists exactly the variables that are read, with their true defaults."""

import re

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from project.environment import BASE_DIR, Environment

ROW = re.compile(r"^\| `([A-Z0-9_]+)`( •)? \| (.+?) \| (.+) \|$", re.MULTILINE)
ROWS = {
    name: (bool(secret), default, words)
    for name, secret, default, words in ROW.findall((BASE_DIR / "docs/settings.md").read_text())
}


def test_every_variable_is_listed_in_the_order_of_the_code() -> None:
    assert list(ROWS) == [name.upper() for name in Environment.model_fields]


@pytest.mark.parametrize("name", Environment.model_fields)
def test_the_default_is_the_one_in_the_code(name: str) -> None:
    secret, told, words = ROWS[name.upper()]
    field = Environment.model_fields[name]
    default = field.default
    assert default is not PydanticUndefined
    assert secret == (field.annotation is SecretStr)
    value = str(default.get_secret_value() if isinstance(default, SecretStr) else default)
    value = value.lower() if isinstance(default, bool) else value.removeprefix(f"{BASE_DIR}/")
    assert told in ([f"`{value}`"] if value else ["empty", "–", "– (required)"])
    assert len(words) > 20
