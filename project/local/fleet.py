"""The simulated fleet on the wire: one MQTT client per site, which reconnects for ever."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

from project.local import plant, speech

QOS = 1
SPREAD_S = 0.2  # between the first words of two gateways
WARM_UP_TICKS, WARM_UP_S = 6, 1.0  # at first faster: whoever has just subscribed need not wait
QUEUE_MESSAGES = 1_000  # kept by a client while the broker is away; what is more is not sent
LAST_WORDS_S = 2.0  # for acknowledgements on the way out


@dataclass
class Voice:
    """A gateway, and when it speaks next."""

    site: plant.SiteSpec
    gateway: plant.GatewaySpec
    client: Client
    due: float
    tick: int = 0


@dataclass(frozen=True)
class Tempo:
    """How often gateways speak, and how many times as fast as time their story runs."""

    interval_s: float = plant.INTERVAL_S
    speed: float = 1.0

    def world(self, spec: plant.SiteSpec, now: datetime) -> float:
        """The instant of the story."""
        return spec.story.begin + (now.timestamp() - spec.story.begin) * self.speed


def run(url: str, sites: Sequence[plant.SiteSpec], tempo: Tempo, duration_s: float | None = None) -> int:
    """Publishes until `duration_s` is over or KeyboardInterrupt; how many messages were handed to MQTT."""
    begin = time.monotonic()
    end = float("inf") if duration_s is None else begin + duration_s
    sent: list[MQTTMessageInfo] = []  # the latest; acknowledged, those before them are too
    count = 0
    with _clients(url, sites) as clients:
        try:
            for site in sites:
                sent = _publish(clients[site.slug], speech.greeting(site, datetime.now(UTC)))
                count += len(sent)
            voices = _voices(sites, clients, begin)
            while (voice := min(voices, key=lambda each: each.due)).due < end:
                time.sleep(max(0.0, voice.due - time.monotonic()))
                now = _speak(voice, tempo)
                sent, count = now or sent, count + len(now)
            time.sleep(max(0.0, end - time.monotonic()))
        except KeyboardInterrupt:
            pass
        _wait_for(sent)
    return count


def _voices(sites: Sequence[plant.SiteSpec], clients: dict[str, Client], begin: float) -> list[Voice]:
    pairs = [(site, gateway) for site in sites for gateway in site.gateways]
    return [
        Voice(site, gateway, clients[site.slug], begin + SPREAD_S * index)
        for index, (site, gateway) in enumerate(pairs)
    ]


def _speak(voice: Voice, tempo: Tempo) -> list[MQTTMessageInfo]:
    now = datetime.now(UTC)
    world = tempo.world(voice.site, now)
    sent = _publish(
        voice.client, speech.speak(voice.site, voice.gateway, now, voice.tick, tempo.interval_s, world=world)
    )
    voice.tick += 1
    interval_s = tempo.interval_s * voice.gateway.pace
    pause = min(interval_s, WARM_UP_S) if voice.tick < WARM_UP_TICKS else interval_s
    voice.due = max(voice.due + pause, time.monotonic() - pause)  # no burst after the machine has slept
    return sent


def _publish(client: Client, publications: Iterable[speech.Publication]) -> list[MQTTMessageInfo]:
    return [client.publish(each.topic, each.payload, QOS, each.retain) for each in publications]


@contextmanager
def _clients(url: str, sites: Sequence[plant.SiteSpec]) -> Iterator[dict[str, Client]]:
    parts = urlsplit(url)
    clients = {site.slug: Client(CallbackAPIVersion.VERSION2) for site in sites}
    for client in clients.values():
        if parts.username:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            client.tls_set()
        client.max_queued_messages_set(QUEUE_MESSAGES)
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        client.connect_async(parts.hostname or "127.0.0.1", parts.port or (8883 if parts.scheme == "mqtts" else 1883))
        client.loop_start()
    try:
        yield clients
    finally:
        for client in clients.values():
            client.disconnect()
            client.loop_stop()


def _wait_for(sent: Iterable[MQTTMessageInfo]) -> None:
    deadline = time.monotonic() + LAST_WORDS_S
    for message in sent:
        if message.rc == 0:
            message.wait_for_publish(max(0.0, deadline - time.monotonic()))
