"""What it is made of: every package is pinned by hash, its licence known, and a bill of materials can be written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from project import licences
from project.environment import BASE_DIR

FOLDER = BASE_DIR / "requirements"
FINE: dict[str, Any] = {"name": "a", "version": "1.0", "vulns": []}
BAD = {"name": "b", "version": "1.0", "vulns": [{"id": "CVE-2026-1"}]}
SKIPPED = {"name": "c", "skip_reason": "nobody answered"}
ASKED = {"metadata": {"dependencies": {"prod": 3}}}
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Mozilla Public|MPL-2\.0|LGPL|Lesser General Public|EPL-2\.0"
    r"|Unlicense|Public Domain|Zlib|DFSG approved|Eclipse"
)


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", path.read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("name", ["base", "local", "dev", "export", "frontend", "fuzz"])
def test_a_lock_holds_what_is_wished_for_and_each_package_by_hash(name: str) -> None:
    locked, wished = pins(FOLDER / f"{name}.lock"), pins(FOLDER / f"{name}.txt")
    differs = {package: version for package, version in wished.items() if locked.get(package) != version}
    assert differs == {}, "write the locks anew: make lock"
    text = (FOLDER / f"{name}.lock").read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_agree() -> None:
    base, local, dev, export = (pins(FOLDER / f"{name}.lock") for name in ("base", "local", "dev", "export"))
    assert base.items() <= local.items() <= dev.items()
    assert export.items() <= dev.items()


def test_nothing_is_installed_but_by_hash() -> None:
    places = [BASE_DIR / name for name in ("Makefile", "worker.Dockerfile", "README.md", "project/local/frontend.py")]
    lines = [line for path in [*places, *BASE_DIR.glob("docs/*.md")] for line in path.read_text().splitlines()]
    installing = [line for line in lines if re.search(r'pip\b.*\binstall\b.* -r |"pip", "install"', line)]
    assert len(installing) == 6
    assert [line for line in installing if "--require-hashes" not in line] == []


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
    check = (BASE_DIR / "Makefile").read_text().partition("\ncheck-code:")[2].partition("\n\n")[0]
    assert "$(BIN)/ruff check ." in check
    assert "$(BIN)/bandit -q -c pyproject.toml -r manage.py project sites mqtt_app tasks" in check


@pytest.mark.parametrize(
    ("pip", "npm", "status", "words"),
    [
        ({"dependencies": [FINE]}, {"vulnerabilities": {}, **ASKED}, 0, "0 known vulnerabilities in the 1 packages"),
        ({"dependencies": [FINE, BAD]}, {"vulnerabilities": {}, **ASKED}, 1, "b 1.0: CVE-2026-1"),
        ({"dependencies": [FINE]}, {"vulnerabilities": {"left": {"severity": "high"}}, **ASKED}, 1, "left: high"),
        ({"dependencies": [FINE, SKIPPED]}, {"vulnerabilities": {}, **ASKED}, 2, "NOT ASKED: 1. nobody answered"),
        ({"dependencies": [FINE]}, {"message": "405 Method Not Allowed"}, 2, "NOT ASKED: 1. 405 Method Not Allowed"),
        ("", {"vulnerabilities": {}, **ASKED}, 2, "NOT ASKED: 1. no network"),
    ],
)
def test_an_audit_says_what_is_known_and_what_could_not_be_asked(
    pip: Any, npm: Any, status: int, words: str, tmp_path: Path
) -> None:
    """The two programs are played by scripts: where advisories can be asked for is no part of this machine."""
    for name, said in (("python", None), ("pip-audit", pip), ("npm", npm)):
        text = "" if said in ("", None) else json.dumps(said)
        script = f"#!/bin/sh\ncat <<'END'\n{text}\nEND\necho no network >&2\n"
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o700)
    code = (
        "import sys; from project import advisories; "
        f"sys.executable = {str(tmp_path / 'python')!r}; sys.exit(advisories.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    assert words in done.stdout
