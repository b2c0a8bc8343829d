"""What the manuals name is there: files, modules and their parts, commands, jobs of make, settings, links."""

import re
from importlib import import_module

import pytest
from django.core.management import get_commands

from project.environment import BASE_DIR, Environment

PAGES = sorted([*BASE_DIR.glob("*.md"), *BASE_DIR.glob("docs/*.md")])
TEXTS = {str(page.relative_to(BASE_DIR)): page.read_text() for page in PAGES}
NOW = {name: text for name, text in TEXTS.items() if name != "CHANGELOG.md"}  # which tells of what was
ENDINGS = "py|md|yaml|yml|toml|txt|lock|json|conf|acl|service|timer|ts|tsx|html|css|Dockerfile"
MADE = {"sbom.json", ".data/ready.json", "benchmarks/results.json"}  # by a command of ours
EXAMPLES = {"weather.py", "compose.override.yaml", "rabbitmq-server.service"}
ROOMS = "project|sites|mqtt_app|tasks|tests|benchmarks"

pytestmark = pytest.mark.parametrize(("page", "text"), NOW.items(), ids=list(NOW))


def code(text: str) -> str:
    """What stands between backticks, in lines and in blocks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_every_file_is_there(page: str, text: str) -> None:
    words = re.findall(rf"(?<![\w/.:@{{}}*-])((?:[\w.-]+/)*[\w.-]+\.(?:{ENDINGS}))(?![\w/*])", code(text))
    places = [
        BASE_DIR,
        BASE_DIR / "docs",
        *(BASE_DIR / name for name in ("sites", "mqtt_app", "tests", "tests/faults")),
    ]
    assert {one for one in words if not any((place / one).exists() for place in places)} - MADE - EXAMPLES == set()


def test_every_folder_is_there(page: str, text: str) -> None:
    roots = "|".join(path.name for path in BASE_DIR.iterdir() if path.is_dir() and not path.name.startswith("."))
    words = re.findall(rf"(?<![\w/.{{}}])((?:{roots})/[\w/.-]*\w)(?![\w{{*…/])", code(text))
    made = ("frontend/dist", "deploy/secrets/", *MADE)
    assert [one for one in words if not (BASE_DIR / one).exists() and not one.startswith(made)] == []


def test_every_module_and_each_of_its_parts_is_there(page: str, text: str) -> None:
    for name in sorted(set(re.findall(rf"`((?:{ROOMS})(?:\.\w+)+)(?:\(\))?`", text))):
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            try:
                found = import_module(".".join(parts[:length]))
                break
            except ModuleNotFoundError:
                assert length > 1, name
        for part in parts[length:]:
            found = getattr(found, part)


def test_every_command_is_one_of_ours(page: str, text: str) -> None:
    named = set(re.findall(r"manage\.py ([a-z]\w+)", code(text)))
    assert named - set(get_commands()) == set()


def test_every_job_of_make_is_in_the_makefile(page: str, text: str) -> None:
    jobs = set(re.findall(r"^(\w+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]\w*)", text, re.MULTILINE)) - jobs == set()


def test_every_setting_is_one_that_is_read(page: str, text: str) -> None:
    known = {name.upper() for name in Environment.model_fields}
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=\S*)?`", text))
    known |= set(re.findall(r"\$\{([A-Z_]+)", (BASE_DIR / "compose.yaml").read_text()))
    assert {name for name in named if name.removesuffix("_FILE") not in known} - {"X_FILE"} == set()


def test_every_link_leads_somewhere(page: str, text: str) -> None:
    folder = (BASE_DIR / page).parent
    for link in re.findall(r"\]\(([^)h][^)]*)\)", text):
        path, _, heading = link.partition("#")
        target = (folder / path) if path else BASE_DIR / page
        assert target.exists(), link
        titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE) if heading else []
        assert not heading or heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in titles}, link
