"""The screens in a real browser, against a running system: each file of frontend/e2e is one story."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project.local.frontend import FOLDER
from tests.e2e.stage import furnish, play, standing

pytestmark = pytest.mark.timeout(900)  # the first of them waits for all

STORIES = sorted(path.name.removesuffix(".e2e.ts") for path in (FOLDER / "e2e").glob("*.e2e.ts"))
RECONCILE_PERIOD_S = "6"  # instead of 30: all that is told about waiting is told in periods


@pytest.fixture(scope="module")
def system() -> Iterator[dict[str, Any]]:
    with standing(RECONCILE_PERIOD_S=RECONCILE_PERIOD_S) as system:
        yield system | furnish(system)


@pytest.fixture(scope="module")
def played(
    system: dict[str, Any], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What came of each story that was asked for; all are played in one browser, one after the other."""
    folder = tmp_path_factory.mktemp("stage")
    asked = [item.callspec.params["story"] for item in request.session.items if hasattr(item, "callspec")]
    report = folder / "report.json"
    done = play("e2e", system, folder, *asked, "--reporter=default", "--reporter=json", f"--outputFile={report}")
    words = done.stdout + done.stderr
    results = json.loads(report.read_text())["testResults"]
    return {Path(one["name"]).name.removesuffix(".e2e.ts"): one for one in results} | {"": words}


@pytest.mark.parametrize("story", STORIES)
def test_the_story(played: dict[str, Any], story: str) -> None:
    assert played[story]["status"] == "passed", played[""]
