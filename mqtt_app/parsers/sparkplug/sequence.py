"""Sequence numbers: every message of an edge node but its death has the next one, 0 after 255, 0 again at a birth."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from google.protobuf.message import DecodeError

from mqtt_app.parsers.sparkplug.payload_pb2 import Payload

NUMBERS = 256
LATE = NUMBERS // 2  # a number that lies this far ahead is one that comes late, if it was missed

Kind = Literal["birth", "data", "unnamed"]
"""unnamed: data with numbers of metrics that no birth has named."""


class Arrival(NamedTuple):
    """A message of a node. commands: the topic on which the node takes commands. seq: null where it has none."""

    commands: str
    seq: int | None
    is_birth: bool


class Standing(NamedTuple):
    """What a node's messages come to. missed: how many never came since its last birth; is_unnamed: names are missing.

    seq: the last number. was_born: a birth was among them.
    """

    seq: int | None
    missed: int
    is_unnamed: bool
    was_born: bool


def arrival(topic: str, payload: bytes) -> Arrival | None:
    """What a message is to its node's sequence; None for deaths, commands and whatever is no message of a node."""
    if not _counts(levels := topic.split("/")):
        return None
    try:
        return of_payload(levels, Payload.FromString(payload))
    except DecodeError:
        return None


def of_payload(levels: Sequence[str], said: Payload) -> Arrival:
    """The same of a birth or data message that is decoded already."""
    seq = said.seq if said.HasField("seq") and said.seq < NUMBERS else None
    return Arrival("/".join(("spBv1.0", levels[1], "NCMD", levels[3])), seq, levels[2] == "NBIRTH")


def _counts(levels: Sequence[str]) -> bool:
    """Whether a topic is one of those whose messages are numbered; deaths of nodes are not."""
    if levels[0] != "spBv1.0" or len(levels) not in (4, 5) or levels[2][1:] not in ("BIRTH", "DATA", "DEATH"):
        return False
    return levels[2] != "NDEATH"


def follow(last: int | None, said: Iterable[tuple[int | None, Kind]]) -> Standing:
    """Count on from `last` over messages in the order of their reception.

    A number that comes after its successors was not missed: a broker may reorder what two topics carry.
    """
    missed: set[int] = set()
    is_unnamed = was_born = False
    for seq, kind in said:
        if kind == "birth":
            missed, is_unnamed, was_born, last = set(), False, True, seq
            continue
        is_unnamed = is_unnamed or kind == "unnamed"
        if seq is None or seq == last:
            continue
        ahead = (seq - last) % NUMBERS if last is not None else 1
        if ahead < LATE or seq not in missed:
            missed.update((seq - step) % NUMBERS for step in range(1, ahead))
            last = seq
        missed.discard(seq)
    return Standing(last, len(missed), is_unnamed, was_born)
