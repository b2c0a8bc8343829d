"""What a device said when it was heard last is kept when it falls silent, and shown until it speaks again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from mqtt_app import assignments, connection_events, silence
from mqtt_app.listening import lease
from mqtt_app.messages import StatusReport
from mqtt_app.models import DiscoveredTopic, TopicSample
from sites.models import Datalogger, Presence, Role
from tests import rows
from tests.field import connect

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_device_said_last_outlives_the_samples_of_its_topic() -> None:
    one = connect()
    listener_id = lease.register("one", 10)
    assignments.reconcile()
    connection_events.record([StatusReport(one.pk, 1, 1, "connected", 1.0, connected_at=1.0)], [])
    lease.renew(listener_id, None, {})
    heard = datetime.fromisoformat("2026-01-01T00:00:00Z")
    values = {"site": one.site, "status": Presence.ONLINE, "interval_s": 5, "last_seen_at": heard}
    told, untold = (Datalogger.objects.create(serial=serial, **values) for serial in ("MAS00001", "MAS00002"))
    topic = DiscoveredTopic.objects.create(
        site=one.site, topic_path="site_001/data", first_seen_at=heard, last_seen_at=heard
    )
    for slot, (serial, age) in enumerate([("MAS00001", 30), ("MAS00001", 1), ("MAS00002", 90), ("MAS00003", 0)]):
        payload = f'{{"serial": "{serial}", "age": {age}}}'.encode()
        TopicSample.objects.create(
            topic=topic, slot=slot, received_at=heard - timedelta(seconds=age), qos=1, retain=False,
            size=len(payload), payload=payload,
        )  # fmt: skip
    assert len(silence.judge()) == 2
    TopicSample.objects.all().delete()
    client = rows.browser(rows.person("vera", Role.VIEWER, one.site))

    def words(device: Datalogger) -> dict[str, Any] | None:
        answer: dict[str, Any] = client.get(f"/api/v1/dataloggers/{device.pk}/last-words/").json()
        return answer["message"]

    assert words(untold) is None
    last = words(told)
    assert last is not None
    assert last["shown"] == {"json": {"serial": "MAS00001", "age": 1}}
    assert (last["topic"], last["is_exact"]) == ("site_001/data", False)
    Datalogger.objects.update(status=Presence.ONLINE)
    assert words(told) is None
