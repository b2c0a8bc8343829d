"""TLS and client certificates with a real broker: what is trusted connects, and any refusal says what to mend."""

import asyncio
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import which
from types import SimpleNamespace
from typing import Any

import pytest

from project.local.ports import free_port
from tests.certificates import DAY, Authority
from tests.conftest import MOSQUITTO_PATH, Mosquitto
from tests.hearing import Hearing, Wait, hearing, publisher, wish

CERTIFICATES = ("good", "plain", "expired", "elsewhere", "mutual")
LISTENER = """
listener {port} 127.0.0.1
certfile {folder}/{name}.crt
keyfile {folder}/{name}.key
"""
MUTUAL = """
cafile {folder}/ca.crt
require_certificate true
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A mosquitto with one TLS port for each of CERTIFICATES and one without TLS, and the authority they are from."""
    if which("mosquitto", path=MOSQUITTO_PATH) is None:
        pytest.skip("NOT TESTED: TLS to brokers needs mosquitto (apt install mosquitto)")
    folder = tmp_path_factory.mktemp("secured")
    authority, manual = Authority(), Authority(plain=True)
    pairs = dict.fromkeys(CERTIFICATES, authority.issue("127.0.0.1")) | {
        "plain": manual.issue("127.0.0.1"),
        "expired": authority.issue("127.0.0.1", -DAY),
        "elsewhere": authority.issue("elsewhere.example"),
    }
    (folder / "ca.crt").write_text(authority.certificate)
    for name, pair in pairs.items():
        (folder / f"{name}.crt").write_text(pair.certificate)
        (folder / f"{name}.key").write_text(pair.key)
    broker, ports = started(folder)
    yield SimpleNamespace(url=broker.url, ports=ports, authority=authority, manual=manual, folder=folder)
    broker.stop()


def started(folder: Path, tries: int = 3) -> tuple[Mosquitto, dict[str, int]]:
    """The broker and its ports, by name. Of so many one may be taken before it is listened to: then other ones."""
    ports = {name: free_port() for name in ("bare", *CERTIFICATES)}
    user = "root" if os.geteuid() == 0 else "mosquitto"
    lines = [f"allow_anonymous true\nuser {user}\nlistener {ports['bare']} 127.0.0.1\n"]
    for name in CERTIFICATES:
        words = LISTENER + (MUTUAL if name == "mutual" else "")
        lines.append(words.format(name=name, port=ports[name], folder=folder))
    (folder / "mosquitto.conf").write_text("".join(lines))
    broker = Mosquitto(ports["bare"], folder, [])
    try:
        broker.start()
    except OSError:
        if tries == 1:
            raise
        return started(folder, tries - 1)
    return broker, ports


def to(secured: SimpleNamespace, name: str, **more: Any) -> Any:
    """The wish to speak TLS to the broker's port of this name, trusting its authority."""
    ca = secured.manual if name == "plain" else secured.authority
    settings = {"use_tls": True, "ca_certificate": ca.certificate, **more}
    return wish(f"mqtt://127.0.0.1:{secured.ports[name]}", "tls/#", **settings)


def refusal(hears: Hearing, wait_until: Wait) -> str:
    """The error that people see, once there is one."""
    status = wait_until(lambda: (one := hears.status()) and one.last_error and one)
    assert status.status != "connected"
    assert status.next_retry
    return str(status.last_error)


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
@pytest.mark.parametrize("name", ["good", "plain"])
def test_a_broker_of_a_trusted_authority_is_heard(
    secured: SimpleNamespace, name: str, protocol: str, wait_until: Wait
) -> None:
    with hearing(to(secured, name, protocol=protocol)) as hears, publisher(secured.url) as device:
        wait_until(hears.is_subscribed)
        device.send("tls/a", *[f"{number}" for number in range(300)])
        wait_until(lambda: hears.commit_all() or len(hears.payloads) == 300)


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("good", {"ca_certificate": ""}, "not trusted: it is signed by an authority that is not among the CA"),
        ("good", {"ca_certificate": Authority().certificate}, "not trusted: "),
        ("expired", {}, "not trusted: it has expired"),
        ("elsewhere", {}, "not trusted: it is not made out to 127.0.0.1"),
        ("mutual", {}, "asks for a client certificate"),
        ("bare", {}, "Does it speak TLS at this port?"),
        ("good", {"use_tls": False}, "Does this port want TLS, or another version of MQTT?"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_words_that_say_what_to_mend(
    secured: SimpleNamespace, name: str, more: dict[str, Any], words: str, wait_until: Wait
) -> None:
    with hearing(to(secured, name, **more)) as hears:
        assert words in refusal(hears, wait_until)


def test_a_client_certificate_opens_a_broker_that_asks_for_one(secured: SimpleNamespace, wait_until: Wait) -> None:
    ours = secured.authority.issue("fieldledger")
    with hearing(to(secured, "mutual", client_certificate=ours.certificate, client_key=ours.key)) as hears:
        wait_until(hears.is_subscribed)


@pytest.mark.parametrize(("trusted", "words"), [(False, "does not trust"), (True, "has expired")])
def test_a_client_certificate_that_the_broker_refuses_is_told_apart_from_a_missing_one(
    secured: SimpleNamespace, trusted: bool, words: str, wait_until: Wait
) -> None:
    ours = secured.authority.issue("fieldledger", -DAY) if trusted else Authority().issue("fieldledger")
    with hearing(to(secured, "mutual", client_certificate=ours.certificate, client_key=ours.key)) as hears:
        told = refusal(hears, wait_until)
        assert "our client certificate" in told
        assert words in told


def test_exchanged_certificates_are_used_by_the_listener_that_runs(secured: SimpleNamespace, wait_until: Wait) -> None:
    """An authority that the broker is not of, then its own, and client certificates: refused, good, renewed."""
    stranger, ours = Authority().issue("fieldledger"), secured.authority.issue("fieldledger")
    first = to(secured, "mutual", ca_certificate=Authority().certificate)
    with hearing(first) as hears, publisher(secured.url) as device:
        assert "not trusted" in refusal(hears, wait_until)
        refused = replace(
            first,
            ca_certificate=secured.authority.certificate,
            client_certificate=stranger.certificate,
            client_key=stranger.key,
        )
        hears.listener.assigned({1: refused})
        wait_until(lambda: "our client certificate" in refusal(hears, wait_until))
        mended = replace(refused, client_certificate=ours.certificate, client_key=ours.key)
        hears.listener.assigned({1: mended})
        wait_until(hears.is_subscribed)
        renewed = secured.authority.issue("fieldledger")
        hears.listener.assigned({1: replace(mended, client_certificate=renewed.certificate, client_key=renewed.key)})
        wait_until(lambda: sum(entry.message.startswith("Connected") for entry in hears.entries) == 2)
        wait_until(hears.is_subscribed)
        device.send("tls/a", "after")
        wait_until(lambda: hears.payloads == [b"after"])


def test_a_certificate_that_is_wished_unchecked_is_not_checked(secured: SimpleNamespace, wait_until: Wait) -> None:
    with hearing(to(secured, "expired", tls_verify=False, ca_certificate="")) as hears:
        wait_until(hears.is_subscribed)


@contextmanager
def gathering(secured: SimpleNamespace) -> Iterator[int]:
    """The port of a TLS terminator before the broker, which gathers what the broker says into few, big TLS records."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(secured.folder / "good.crt", secured.folder / "good.key")
    loop = asyncio.new_event_loop()
    pumps: set[asyncio.Task[None]] = set()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        gathered = b""
        while True:
            try:
                chunk = await asyncio.wait_for(source.read(65_536), 0.2 if gathered else None)
            except TimeoutError:
                sink.write(gathered)
                gathered = b""
                continue
            gathered += chunk
            if not chunk:
                sink.close()
                return

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", secured.ports["bare"])
        pumps.update(asyncio.create_task(pump(*way)) for way in ((reader, back), (there, writer)))

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(asyncio.wait(pumps, timeout=5), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def test_many_messages_in_one_tls_record_are_all_read_at_once(secured: SimpleNamespace, wait_until: Wait) -> None:
    with gathering(secured) as port, publisher(secured.url) as device:
        for number in range(300):
            device.send(f"kept/{number}", "x", qos=0, retain=True)
        trusting = {"use_tls": True, "ca_certificate": secured.authority.certificate, "cover": {"kept/#": 0}}
        with hearing(wish(f"mqtt://127.0.0.1:{port}", **trusting)) as hears:
            wait_until(lambda: hears.commit_all() or len(hears.payloads) == 300)
