"""The simulated fleet on the wire: one MQTT client per site, which reconnects for ever."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


class Fleet:
    """The gateways that speak. count: messages handed to MQTT."""

    def __init__(self, clients: Mapping[str, Client], tempo: Tempo) -> None:
        """clients: by the slug of the site they speak for."""
        self._clients, self._tempo = clients, tempo
        self._voices: list[Voice] = []
        self._sent: list[MQTTMessageInfo] = []  # the latest; acknowledged, those before them are too
        self.count = 0

    def add(self, site: plant.SiteSpec) -> None:
        """Its gateways greet now and speak from now on, one after the other."""
        client, now = self._clients[site.slug], time.monotonic()
        self._publish(client, speech.greeting(site, datetime.now(UTC)))
        self._voices += [
            Voice(site, gateway, client, now + SPREAD_S * index) for index, gateway in enumerate(site.gateways)
        ]

    def speak(self, until: float) -> None:
        """Everybody whose turn comes before this instant of the monotonic clock, which it waits for."""
        while self._voices and (voice := min(self._voices, key=lambda each: each.due)).due < until:
            time.sleep(max(0.0, voice.due - time.monotonic()))
            self._speak(voice)
        time.sleep(max(0.0, until - time.monotonic()))

    def fall_silent(self) -> None:
        """Waits a moment for the acknowledgements of the last words."""
        deadline = time.monotonic() + LAST_WORDS_S
        for message in self._sent:
            if message.rc == 0:
                message.wait_for_publish(max(0.0, deadline - time.monotonic()))

    def _speak(self, voice: Voice) -> None:
        now, interval_s = datetime.now(UTC), self._tempo.interval_s
        world = self._tempo.world(voice.site, now)
        said = speech.speak(voice.site, voice.gateway, now, voice.tick, interval_s, world=world)
        self._publish(voice.client, said)
        voice.tick += 1
        interval_s *= voice.gateway.pace
        pause = min(interval_s, WARM_UP_S) if voice.tick < WARM_UP_TICKS else interval_s
        voice.due = max(voice.due + pause, time.monotonic() - pause)  # no burst after the machine has slept

    def _publish(self, client: Client, publications: Iterable[speech.Publication]) -> None:
        sent = [client.publish(each.topic, each.payload, QOS, each.retain) for each in publications]
        self._sent = sent or self._sent
        self.count += len(sent)


def run(
    url: str,
    sites: Sequence[plant.SiteSpec],
    tempo: Tempo,
    duration_s: float = math.inf,
    prepare: Callable[[plant.SiteSpec], object] | None = None,
) -> int:
    """Publishes until `duration_s` is over or KeyboardInterrupt; how many messages were handed to MQTT.

    prepare: called for each site before its first words; the sites before it need not wait for those after it.
    """
    end = time.monotonic() + duration_s
    with _clients(url, sites) as clients:
        fleet = Fleet(clients, tempo)
        try:
            for site in sites:
                if prepare:
                    prepare(site)
                fleet.add(site)
                fleet.speak(until=time.monotonic())
            fleet.speak(end)
        except KeyboardInterrupt:
            pass
        fleet.fall_silent()
    return fleet.count


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
