"""What one link asks its broker for: the cover of its topics, and the broker's own counter of drops beside it."""

import time
from collections.abc import Mapping

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from mqtt_app.messages import Publication
from mqtt_app.topics import is_filter, matches
from mqtt_app.wire import drops

INVALID_FILTER = 0x8F

DROPS = "$SYS/broker/publish/messages/dropped"
"""Where mosquitto counts what it dropped from full queues, for all its clients together."""


class Subscriptions:
    """Belongs to the network thread, as its link does."""

    def __init__(self, client: paho.Client, protocol: str, known: frozenset[str]) -> None:
        self.known = known
        """Filters that the broker's session may still hold from before."""
        self.counters: list[drops.Counter] = []
        """What the broker said it dropped, the first and the newest, until somebody takes it from here."""
        self.is_asking = False
        """Whether it was asked for that counter and has not answered: some close the connection instead."""
        self._client, self._protocol = client, protocol
        self._asked: dict[int, list[str]] = {}
        self._invalid: dict[str, int] = {}
        self._drops_mid: int | None = None

    def change(self, cover: Mapping[str, int]) -> dict[str, int]:
        """Ask for these filters, then let go of what the session holds beyond them; returns refusals of our own.

        They come with the broker's answer, and at once only when there is nothing to ask it for.
        In this order: while the old and the new overlap a message may come twice, the other way round it would be lost.
        """
        surplus = sorted(one for one in self.known - set(cover) if is_filter(one))
        self.known = frozenset(cover)
        self._invalid = {one: INVALID_FILTER for one in cover if not is_filter(one)}
        filters = sorted(set(cover) - set(self._invalid))
        if filters:
            self._ask(filters, cover)
        if surplus:
            self._client.unsubscribe(surplus)
        return {} if filters else self._invalid

    def _ask(self, filters: list[str], cover: Mapping[str, int]) -> None:
        if self._protocol == "5":
            # Retained messages are sent once for a new subscription, not again at each reconnect.
            options = [(one, SubscribeOptions(qos=cover[one], retainHandling=1)) for one in filters]
            _, mid = self._client.subscribe(options)
        else:
            _, mid = self._client.subscribe([(one, cover[one]) for one in filters])
        if mid is not None:
            self._asked[mid] = filters

    def count_drops(self) -> None:
        """Ask for the broker's counter of what it dropped, beside the cover; a refusal is no trouble.

        Nothing of it is a message of the field: it has no fate, and the ledger does not count it.
        """
        if not self._brings_drops:
            options = SubscribeOptions() if self._protocol == "5" else None
            _, self._drops_mid = self._client.subscribe(DROPS, 0, options)
            self.is_asking = self._drops_mid is not None
        elif DROPS not in self.known:
            self._client.unsubscribe(DROPS)  # from before: it would come twice

    @property
    def _brings_drops(self) -> bool:
        """Whether somebody has that topic among the connection's own: then it is a message as any other, too."""
        return any(matches(one, DROPS) for one in self.known)

    def answered(self, mid: int, codes: list[ReasonCode]) -> dict[str, int] | None:
        """SUBACK: filter → granted QoS, 128 and above are refusals. None when it speaks of none of the cover."""
        if mid == self._drops_mid:
            self.is_asking, self._drops_mid = False, None
            return None
        filters = self._asked.pop(mid, [])
        answers = {one: code.value for one, code in zip(filters, codes, strict=False)}
        return answers | self._invalid

    def hear(self, message: Publication) -> bool:
        """Take the counter from a message that brings it; says whether the message is nothing else."""
        if message.topic != DROPS.encode():
            return False
        if (value := drops.read(message.payload)) is not None:
            self.counters[1:] = [drops.Counter(value, time.time())]
        return not message.qos and not self._brings_drops
