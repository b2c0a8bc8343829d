"""The alarms and the dashboard: Prometheus's own tool takes them, their metrics are there, and each is explained."""

import json
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from django.test import Client

from project.environment import BASE_DIR
from tests import rows
from tests.test_metrics import TOKEN

FOLDER = BASE_DIR / "deploy/prometheus"
RULES = yaml.safe_load((FOLDER / "fieldledger.rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((BASE_DIR / "deploy/grafana/fieldledger.json").read_text())
MANUAL = (BASE_DIR / "docs/operations.md").read_text()


def promtool(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    program = which("promtool")
    if program is None:
        pytest.skip("NOT TESTED: alarms and metrics need promtool (apt install prometheus)")
    return subprocess.run([program, *arguments], cwd=FOLDER, input=said, capture_output=True, text=True, check=False)


def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    assert promtool("check", "rules", "fieldledger.rules.yml").returncode == 0
    (tmp_path / "bad.yml").write_text((FOLDER / "fieldledger.rules.yml").read_text().replace("< 1", "< < 1"))
    assert promtool("check", "rules", str(tmp_path / "bad.yml")).returncode != 0


def test_each_alarm_rings_for_what_it_is_meant_for_and_none_for_a_healthy_system() -> None:
    ended = promtool("test", "rules", "fieldledger.test.yml")
    assert ended.returncode == 0, ended.stdout
    tried = re.findall(r"alertname: (\w+)\n        exp_alerts:\n", (FOLDER / "fieldledger.test.yml").read_text())
    assert sorted(tried) == sorted(rule["alert"] for rule in RULES)
    healthy = yaml.safe_load((FOLDER / "fieldledger.test.yml").read_text())["tests"][-1]
    assert {case["alertname"] for case in healthy["alert_rule_test"]} == set(tried)
    there = {re.split(r"[{]", one["series"])[0] for one in healthy["input_series"]}
    asked = set(re.findall(r"fieldledger_\w+", " ".join(rule["expr"] for rule in RULES)))
    assert asked <= there, "an alarm is quiet for want of its metric"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_manual_says_what_an_alarm_means_and_what_to_do(rule: dict[str, Any]) -> None:
    section = MANUAL.partition(f"### {rule['alert']}\n")[2].partition("\n### ")[0]
    assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    assert f"*{rule['labels']['severity']}* · `{rule['expr']}`, for {rule['for']}" in section
    assert "**Do:** " in section


@pytest.mark.django_db
def test_alarms_and_dashboard_speak_of_metrics_that_are_there(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    row = rows.furnished().connection
    row.certificate_expires_at, row.certificate_name = row.status_since, "client certificate"
    row.save()
    text = Client(headers={"Authorization": f"Bearer {TOKEN}"}).get("/metrics").text
    there = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    words = [rule["expr"] for rule in RULES] + [
        one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]
    ]
    used = set(re.findall(r"fieldledger_\w+", " ".join(words)))
    assert used - there == set()
    assert promtool("check", "metrics", said=text).returncode == 0


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    """Its own checks need Grafana; these are what importing trips over: the model's version, ids, places, sources."""
    panels = DASHBOARD["panels"]
    assert DASHBOARD["schemaVersion"] >= 39
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not taken & cells
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["type"] in ("timeseries", "stat")
    assert {one["name"] for one in DASHBOARD["templating"]["list"]} == {"datasource", "site"}
