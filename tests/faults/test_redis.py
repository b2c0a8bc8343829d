"""Redis freezes, and is killed, while messages pour in."""

import signal
import time

import httpx
import pytest
import redis

from mqtt_app.records import hints
from tests.conftest import wait
from tests.faults.plant import Plant, check

pytestmark = pytest.mark.broker_restart

FROZEN_S = 8.0


@pytest.mark.long
def test_a_frozen_and_then_killed_redis_loses_nothing(plant: Plant) -> None:
    listener, epoch = plant.listener.pid, plant.connection("epoch")
    with plant.frozen("valkey"):
        began = time.monotonic()
        plant.pour(lambda: time.monotonic() - began > FROZEN_S, 2 * FROZEN_S, "the end of the frost")
    check(plant, f"Redis frozen {FROZEN_S:.0f} s")
    plant.publish(100)
    plant.hit(signal.SIGKILL, 1, "valkey")
    plant.publish(300)
    check(plant, "Redis killed")
    assert (plant.listener.pid, plant.connection("epoch")) == (listener, epoch)


def test_a_redis_without_memory_loses_nothing(plant: Plant) -> None:
    """Workers cannot take a task out of it, nor listeners put one in; workers may end and are started anew."""
    with redis.Redis.from_url(plant.system["redis_url"]) as queue:
        queue.config_set("maxmemory", 1)
        try:
            began = time.monotonic()
            plant.pour(lambda: time.monotonic() - began > FROZEN_S, 2 * FROZEN_S, "the end of it")
            ready = httpx.get(f"{plant.system['url']}/readyz")
        finally:
            queue.config_set("maxmemory", 0)
    assert ready.status_code == 503
    assert "Redis takes nothing" in ready.json()["checks"]["redis"]["detail"]
    check(plant, f"Redis out of memory {FROZEN_S:.0f} s")


def hearers(channel: redis.Redis, listener: int) -> int:
    return int(channel.pubsub_numsub(hints.channel(listener))[0][1])


def test_nonsense_on_the_channel_of_hints_is_shrugged_off(plant: Plant) -> None:
    listener = plant.connection("listener_id")
    with redis.Redis.from_url(plant.system["redis_url"]) as channel:
        for words in (b"no batch id", b"\xff"):
            channel.publish(hints.channel(listener), words)
            for heard in (0, 1):  # it lets go of the channel, and comes back
                wait(lambda heard=heard: hearers(channel, listener) == heard, 10, f"{heard} hear hints")
    plant.publish(100)
    check(plant, "nonsense on the channel of hints")
    assert plant.is_told()
