"""The screens in a real browser, against a running system: each file of frontend/e2e is one story."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project.local.frontend import FOLDER
from tests.e2e.stage import furnish, perform, standing

pytestmark = pytest.mark.timeout(300)

STORIES = sorted(path.name.removesuffix(".e2e.ts") for path in (FOLDER / "e2e").glob("*.e2e.ts"))
RECONCILE_PERIOD_S = "6"  # instead of 30: all that is told about waiting is told in periods


@pytest.fixture(scope="module")
def system() -> Iterator[dict[str, Any]]:
    with standing(RECONCILE_PERIOD_S=RECONCILE_PERIOD_S) as system:
        yield system | furnish(system)


@pytest.mark.parametrize("story", STORIES)
def test_the_story(system: dict[str, Any], tmp_path: Path, story: str) -> None:
    perform("e2e", system, tmp_path, story)
