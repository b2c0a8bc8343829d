"""What it is made of: every package is pinned by hash, its licence known, and a bill of materials can be written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from project import licences
from project.environment import BASE_DIR

FOLDER = BASE_DIR / "requirements"
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Mozilla Public|MPL-2\.0|LGPL|Lesser General Public|EPL-2\.0"
    r"|Unlicense|Public Domain|Zlib|DFSG approved|Eclipse"
)


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", path.read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("name", ["base", "local", "dev"])
def test_a_lock_holds_what_is_wished_for_and_each_package_by_hash(name: str) -> None:
    locked, wished = pins(FOLDER / f"{name}.lock"), pins(FOLDER / f"{name}.txt")
    differs = {package: version for package, version in wished.items() if locked.get(package) != version}
    assert differs == {}, "write the locks anew: make lock"
    text = (FOLDER / f"{name}.lock").read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_agree() -> None:
    base, local, dev = (pins(FOLDER / f"{name}.lock") for name in ("base", "local", "dev"))
    assert base.items() <= local.items() <= dev.items()


def test_every_licence_is_known_and_on_the_list() -> None:
    """Compared by package: what another platform installs besides is not seen from here."""
    listed = dict(re.findall(r"^\| ([^|]+?) \| ([^|]*?) \|$", licences.PAGE.read_text(), re.MULTILINE))
    missing = [one.package for one in licences.found() if listed.get(one.package) != one.words]
    assert missing == [], "write the list anew: make licences"
    strange = [(one.package, one.words) for one in licences.found() if not FREE.search(one.words)]
    assert strange == []


def test_a_bill_of_materials_names_every_package_that_runs_with_its_hashes(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "cyclonedx-py"
    command = [str(program), "requirements", str(FOLDER / "base.lock"), "--output-reproducible", "--of", "JSON"]
    subprocess.run([*command, "-o", str(tmp_path / "sbom.json")], check=True, capture_output=True, timeout=60)
    bill = json.loads((tmp_path / "sbom.json").read_text())
    named = {re.sub(r"[-_.]+", "-", one["name"]).lower(): one for one in bill["components"]}
    assert named.keys() == pins(FOLDER / "base.lock").keys()
    assert bill["bomFormat"] == "CycloneDX"
    assert all("hashes" in json.dumps(one) for one in named.values())


def test_security_rules_are_part_of_the_check() -> None:
    text = (BASE_DIR / "pyproject.toml").read_text()
    selected = re.search(r"^select = \[(.+)\]$", text, re.MULTILINE)
    assert selected
    assert '"S"' in selected[1]
    assert "$(BIN)/ruff check ." in (BASE_DIR / "Makefile").read_text()
