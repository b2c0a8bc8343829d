"""Makes and removes sites and their connections, in a process of its own that has Django.

`python -m benchmarks.sites PREFIX COUNT PORT`: COUNT sites, each connected to the broker on PORT, or to none for 0; for
a COUNT of 0 every site of that prefix goes. What a run that failed has left behind goes first.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.db import transaction  # noqa: E402

from mqtt_app.models import MqttConnection, MqttTopic  # noqa: E402
from sites.models import Site  # noqa: E402
from sites.upsert import query  # noqa: E402
from tasks.control import reconcile  # noqa: E402


@transaction.atomic
def make(prefix: str, count: int, port: int) -> None:
    for slug in (f"{prefix}_{number:04}" for number in range(1, count + 1)):
        site = Site.objects.create(name=slug, slug=slug)
        if port:
            connection = MqttConnection.objects.create(site=site, broker_host="127.0.0.1", broker_port=port)
            MqttTopic.objects.create(mqtt_connection=connection, topic_pattern=f"{slug}/#")


def remove(prefix: str) -> None:
    query("TRUNCATE sites_reading, sites_rollup")
    Site.objects.filter(slug__startswith=f"{prefix}_").delete()


if __name__ == "__main__":
    _, name, wanted, port = sys.argv
    remove(name)
    if int(wanted):
        make(name, int(wanted), int(port))
        reconcile()  # beat would, within seconds
