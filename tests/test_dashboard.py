"""The dashboard and the alarms in a real Prometheus that reads /metrics: each panel finds something there."""

import math
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import which
from typing import Any

import httpx
import pytest
from django.conf import LazySettings
from django.utils import timezone
from redis import Redis

from mqtt_app.records import hints, latency
from project.local.ports import free_port
from tests import rows
from tests.conftest import running, wait
from tests.test_alarms import DASHBOARD, FOLDER
from tests.test_metrics import TOKEN
from tests.web import serving

CONFIGURATION = """
global: {{evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: fieldledger
    scrape_interval: 1s
    authorization: {{credentials_file: token}}
    static_configs: [{{targets: ["{host}"]}}]
"""
PANELS = {f"{panel['title']}: {one['expr']}": one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]}


class Prometheus:
    """One that has begun to read."""

    def __init__(self, port: int) -> None:
        self._api = f"http://127.0.0.1:{port}/api/v1"

    def answers(self) -> bool:
        try:
            return httpx.get(self._api.removesuffix("/api/v1") + "/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, expression: str) -> list[float]:
        """The value of each series that the expression finds now."""
        answer = httpx.get(f"{self._api}/query", params={"query": expression}).json()
        assert answer["status"] == "success", answer
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def rules(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self._api}/rules").json()["data"]["groups"][0]["rules"]
        return found


@pytest.fixture
def prometheus(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Iterator[Prometheus]:
    """Reads a web process each second, where a site with one of everything stands."""
    program = which("prometheus")
    if program is None:
        pytest.skip("NOT TESTED: the dashboard's expressions need Prometheus (apt install prometheus)")
    settings.METRICS_TOKEN = TOKEN
    row = rows.furnished().connection
    row.certificate_expires_at, row.certificate_name = timezone.now() + timedelta(days=20), "client certificate"
    row.save()
    (tmp_path / "token").write_text(TOKEN)
    port = free_port()
    with serving() as host, Redis.from_url(settings.REDIS_URL) as redis:
        rules = FOLDER / "fieldledger.rules.yml"
        (tmp_path / "prometheus.yml").write_text(CONFIGURATION.format(rules=rules, host=host))
        command = [program, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
        command += [f"--web.listen-address=127.0.0.1:{port}"]
        with running(command, dict(os.environ), tmp_path / "log"):
            one = Prometheus(port)
            wait(one.answers, 30, "Prometheus")
            yield one
        redis.delete(latency.KEY)


def test_each_panel_finds_something_and_no_alarm_is_one_that_cannot_be_asked(prometheus: Prometheus) -> None:
    missing = dict(PANELS)

    def all_have_answered() -> bool:
        hints.give(1, "a batch", latency.counts([50.0], now=50.1))  # messages keep being stored
        for title, expression in list(missing.items()):
            found = prometheus.ask(expression.replace("$site", ".*"))
            if found and not any(map(math.isnan, found)):
                del missing[title]
        return not missing

    try:
        wait(all_have_answered, 40)
    except pytest.fail.Exception:
        assert list(missing) == []
        raise
    assert prometheus.ask("up") == [1]
    wait(lambda: all(rule["health"] != "unknown" for rule in prometheus.rules()), 90, "a look at each alarm")
    assert [rule["name"] for rule in prometheus.rules() if rule["health"] != "ok"] == []


def test_the_sites_to_choose_from_are_those_that_are_measured(prometheus: Prometheus) -> None:
    [query] = [one["query"]["query"] for one in DASHBOARD["templating"]["list"] if one["name"] == "site"]
    metric, label = query.removeprefix("label_values(").removesuffix(")").split(", ")
    assert wait(lambda: prometheus.ask(f'{metric}{{{label}="site_001"}}'), 20, "the site") == [1]
