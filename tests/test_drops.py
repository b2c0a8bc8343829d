"""What a broker dropped from its own full queues is seen where it says so, and told with its window of time."""

import re
from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from mqtt_app.wire.drops import Counter, Drops, Growth, read
from mqtt_app.wire.subscriptions import DROPS
from tests.conftest import Mosquitto
from tests.hearing import Hearing, Wait, hearing, publisher, wish

QUEUED, SENT = 10, 60
WINDOW = r"from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


def heard(*counters: tuple[int, float]) -> Drops:
    drops = Drops()
    for value, at in counters:
        drops.hear(Counter(value, at))
    return drops


def test_growth_is_told_with_the_time_of_the_value_before_and_of_this_one() -> None:
    drops = heard((7, 10))  # what was before us concerns nobody
    assert drops.tell(10) is None
    drops.hear(Counter(7, 20))
    drops.hear(Counter(12, 30))
    assert drops.tell(31) == Growth(5, 20, 30)
    assert drops.tell(32) is None


def test_a_broker_that_keeps_dropping_is_told_once_a_minute_and_every_message_counts() -> None:
    drops = heard((0, 0))
    told = []
    for second in range(1, 200):
        drops.hear(Counter(second, second))
        told.append(drops.tell(second))
    assert [growth for growth in told if growth] == [
        Growth(1, 0, 1), Growth(60, 1, 61), Growth(60, 61, 121), Growth(60, 121, 181)
    ]  # fmt: skip
    assert drops.tell(241) == Growth(18, 181, 199)


def test_a_restarted_broker_counts_anew() -> None:
    assert heard((500, 10), (510, 20), (3, 30)).tell(30) == Growth(13, 10, 30)


@pytest.mark.parametrize(
    ("payload", "value"),
    [(b"12", 12), (b"", None), (b"-1", None), (b"1.5", None), ("٣".encode(), None), (b"9" * 99, None)],
)
def test_only_a_number_is_a_counter(payload: bytes, value: int | None) -> None:
    assert read(payload) == value


@pytest.fixture
def telling(mosquitto: Mosquitto) -> Iterator[Mosquitto]:
    """A broker with short queues that says every second what it dropped."""
    mosquitto.stop()
    path = mosquitto.folder / "mosquitto.conf"
    path.write_text(path.read_text().replace("100000", str(QUEUED)) + "sys_interval 1\n")
    mosquitto.start()
    return mosquitto


def overflow(broker: Mosquitto, wait_until: Wait) -> None:
    """A client goes away with its session kept, and more is published for it than its queue holds."""
    absent = paho.Client(CallbackAPIVersion.VERSION2, client_id="absent", clean_session=False)
    granted: list[object] = []
    absent.on_subscribe = lambda *arguments: granted.append(arguments)
    absent.connect("127.0.0.1", broker.port)
    absent.subscribe("elsewhere/#", 1)
    wait_until(lambda: absent.loop(0.1) == 0 and granted, what="the absent client's subscription")
    absent.disconnect()
    with publisher(broker.url) as device:
        device.send("elsewhere/a", *map(str, range(SENT)))


def errors(hears: Hearing) -> list[str]:
    return [entry.message for entry in hears.entries if entry.level == "ERROR"]


@pytest.mark.broker_restart
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_what_a_real_broker_dropped_is_an_error_with_its_window_and_no_message(
    telling: Mosquitto, wait_until: Wait, protocol: str
) -> None:
    with hearing(wish(telling.url, "#", protocol=protocol), asks_drops=True) as hears, publisher(telling.url) as device:
        wait_until(hears.is_subscribed)
        wait_until(lambda: hears.listener.holdings[1].drops.newest, 20, "the first word of the broker's counter")
        overflow(telling, wait_until)
        wait_until(lambda: errors(hears), 20, "an ERROR")
        device.send("t/a", "the last one")
        wait_until(lambda: hears.commit_all() or b"the last one" in hears.payloads, 20)
        (words,) = errors(hears)
        assert re.search(rf"dropped \d+ messages from full queues of its clients, {WINDOW}; ours", words)
        assert 0 < int(words.split()[3]) <= SENT - QUEUED
        assert not [one for one in hears.messages if one.topic.startswith(b"$SYS")]
        status = hears.status()
        assert status is not None
        assert (status.status, status.subscribed) == ("connected", ["#"])
        # What the ledger counts as received is what was handed on, and nothing beside it.
        minutes = {one.minute for one in hears.messages}
        received = sum(max(one.number for one in hears.messages if one.minute == minute) for minute in minutes)
        assert received == len(hears.messages)


@pytest.mark.broker_restart
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_broker_that_refuses_the_counter_is_no_error(telling: Mosquitto, wait_until: Wait, protocol: str) -> None:
    (telling.folder / "acl").write_text("topic readwrite t/#\n")
    path = telling.folder / "mosquitto.conf"
    telling.stop()
    path.write_text(f"{path.read_text()}acl_file {telling.folder}/acl\n")
    telling.start()
    with (
        hearing(wish(telling.url, "t/#", protocol=protocol), asks_drops=True) as hears,
        publisher(telling.url) as device,
    ):
        wait_until(hears.is_subscribed)
        link = hears.listener.holdings[1].link
        assert link is not None
        wait_until(lambda: not link.subscriptions.is_asking, what="an answer about the counter")
        device.send("t/a", "heard")
        wait_until(lambda: hears.commit_all() or hears.payloads == [b"heard"])
        status = hears.status()
        assert status is not None
        assert (status.status, status.last_error, errors(hears)) == ("connected", "", [])


@pytest.mark.broker_restart
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
@pytest.mark.parametrize("pattern", ["$SYS/#", DROPS])
def test_who_subscribes_to_the_counter_gets_it_as_a_message_once(
    telling: Mosquitto, wait_until: Wait, protocol: str, pattern: str
) -> None:
    with hearing(wish(telling.url, pattern, protocol=protocol), asks_drops=True) as hears:
        wait_until(lambda: [one for one in hears.messages if one.topic == DROPS.encode()], 20, "the counter")
        wait_until(lambda: hears.listener.holdings[1].drops.newest, what="the counter is heard, too")


def test_a_broker_that_hangs_up_on_who_asks_is_asked_once(mqtt_url: str, wait_until: Wait) -> None:
    """As the embedded one does."""
    with hearing(wish(mqtt_url, "t/#"), asks_drops=True) as hears, publisher(mqtt_url) as device:
        wait_until(lambda: hears.generation == 2 and hears.is_subscribed(), 20, "the second connection")
        device.send("t/a", "heard")
        wait_until(lambda: hears.commit_all() or hears.payloads == [b"heard"])
        assert (hears.generation, errors(hears)) == (2, [])
