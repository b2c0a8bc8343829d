"""A whole system with its fleet and its screens, furnished for browsers: who may sign in, and a crowd of devices."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from project.local import frontend
from project.local.home import Home
from tests.conftest import clean_env, up, wait
from tests.embedded import REPOSITORY, new_home, remove

PATIENCE_S = 180
VIEWER = {"user": "vera", "password": "Looks-but-does-not-touch-7"}
OPERATOR = {"user": "otto", "password": "Starts-stops-and-reads-again-7"}
CROWD = 10_000

MAKE_MEMBER = """
from django.contrib.auth.models import User
from sites.models import Membership, Site
person = User.objects.create_user({user!r}, password={password!r})
Membership.objects.bulk_create(Membership(user=person, site=site, role={role!r}) for site in Site.objects.all())
"""
MAKE_CROWD = """
INSERT INTO sites_datalogger (site_id, serial, kind, status, last_seen_at, interval_s)
SELECT %s, 'C-' || lpad(n::text, 5, '0'), 'adaq', 'offline', now() - n * interval '1 second', 60
FROM generate_series(1, %s) n
"""


@contextmanager
def standing(*arguments: str, **settings: str) -> Iterator[dict[str, Any]]:
    """`manage.py up` with the fleet, its screens built: what its ready.json says, its pid and its folder."""
    assert frontend.main(["build"]) == 0
    home = new_home()
    with up("--data", str(home.folder), *arguments, env=clean_env(**settings)) as process:
        wait(lambda: home.ready_file.exists() or process.poll() is not None, PATIENCE_S, "ready.json")
        assert process.poll() is None, process.stdout and process.stdout.read()
        try:
            yield {**json.loads(home.ready_file.read_text()), "supervisor": process.pid, "home": str(home.folder)}
        finally:
            process.terminate()
            process.communicate(timeout=60)
    remove(home)


def furnish(system: dict[str, Any]) -> dict[str, Any]:
    """Adds a viewer, an operator and a site with ten thousand dataloggers; returns how to find them."""
    url, headers = f"{system['url']}/api/v1/sites/", {"Authorization": f"Bearer {system['token']}"}
    shell(system, MAKE_MEMBER.format(**VIEWER, role="viewer") + MAKE_MEMBER.format(**OPERATOR, role="operator"))
    crowd = (
        httpx.post(url, headers=headers, json={"name": "The crowd", "slug": "crowd"}).raise_for_status().json()["id"]
    )
    with psycopg.connect(system["database_url"]) as connection:
        connection.execute(MAKE_CROWD, (crowd, CROWD))
    return {"viewer": VIEWER, "operator": OPERATOR, "crowd": crowd}


def shell(system: dict[str, Any], code: str) -> None:
    """Runs `code` in a Django shell of the running system."""
    lines = (Home(Path(system["home"])).folder / "local.env").read_text().splitlines()
    own = dict(line.split("=", 1) for line in lines if "=" in line)
    env = clean_env(**{name: value.strip("'\"") for name, value in own.items()})
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    subprocess.run(command, cwd=REPOSITORY, env=env, check=True, capture_output=True, text=True)


def listener(system: dict[str, Any]) -> int:
    """Its process id, now."""
    children = psutil.Process(system["supervisor"]).children(recursive=True)
    return next(child.pid for child in children if "run_mqtt" in child.cmdline())


def perform(script: str, system: dict[str, Any], folder: Path) -> str:
    """`npm run` of a script that plays on this stage; returns its words, and raises with them where it fails."""
    done = play(script, system, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def play(script: str, system: dict[str, Any], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = folder / "stage.json"
    path.write_text(json.dumps({**system, "listener": listener(system)}))
    place, _ = frontend.node()
    env = os.environ | {"FIELDLEDGER_STAGE": str(path), "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    command = [str(place / "npm"), "run", "-s", script, "--", *arguments]
    return subprocess.run(command, cwd=frontend.FOLDER, env=env, capture_output=True, text=True, check=False)
