"""What Sparkplug nodes said before their births were known is read again, as soon as they have told them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from mqtt_app import replay
from mqtt_app.downlink.births import Born
from mqtt_app.models import DiscoveredTopic, MqttConnection, Replay
from mqtt_app.parsers.base import Reason
from mqtt_app.parsers.sparkplug.namespace import Sparkplug

MOST = 100  # nodes of one run; of the others a person has the failures read again


def read_again(born: Iterable[Born]) -> int:
    """Begin a replay for each node of whom failures wait; returns how many.

    It is for good at once, and taken up like one that rests, a minute later: the births of the node's devices are here
    then. Only what the node said in this session is read: another one may number other metrics alike.
    """
    begun = 0
    for one in list(born)[:MOST]:
        chosen: dict[str, Any] = {
            "topic": one.node.replace("/NCMD/", "/+/") + "/#",
            "parser_name": Sparkplug.name,
            "error_type": Reason.NOT_YET_KNOWN,
        }
        if since := _since(one):
            chosen["from"] = since.isoformat()
        wanted = Replay(site_id=one.site_id, selection=chosen, state=Replay.Stage.RUNNING, started_at=Now())
        if replay.selected(wanted).exists():
            replay.begin(wanted)
            begun += 1
    return begun


def _since(born: Born) -> datetime | None:
    """The beginning of the session as far as we were there: our own connection, or the node's last death."""
    connected = MqttConnection.objects.filter(pk=born.connection_id).values_list("last_connected_at", flat=True)
    path = born.node.replace("/NCMD/", "/NDEATH/")
    died = DiscoveredTopic.objects.filter(site=born.site_id, topic_path=path).values_list("last_seen_at", flat=True)
    return max((at for at in (connected.first(), died.first()) if at), default=None)
