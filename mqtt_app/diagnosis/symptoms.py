"""What is known of a site's messages on their way: the facts that are judged."""

from datetime import datetime, timedelta

from django.db.models import Max, Min, Sum

from mqtt_app import overview
from mqtt_app.connections import SECRETS
from mqtt_app.diagnosis.judgement import WINDOW, Facts
from mqtt_app.models import LedgerMinute, Listener, MqttConnection
from sites.models import Gateway, Presence, Sensor, Site

INTERVALS = 3
"""How many of the site's intervals the fates are counted over, where that is longer than WINDOW."""


def of_site(site: Site, now: datetime) -> Facts:
    """now: of the same clock as the database's."""
    connection = MqttConnection.objects.filter(site=site).defer(*SECRETS).first()
    if connection is None:
        return Facts(has_connection=False)
    [seen] = overview.describe(Site.objects.filter(pk=site.pk), now, minutes=1)
    pace = timedelta(seconds=seen["interval_s"])
    window = max(WINDOW, INTERVALS * pace)
    alive = Listener.living().filter(is_stopping=False)
    holder = alive.filter(connections=connection)
    fates = LedgerMinute.objects.filter(connection=connection, minute__gt=now - window).aggregate(
        **{name: Sum(name, default=0) for name in ("stored", "failed", "unrecognised", "ignored")}
    )
    counts = [seen["gateways"], seen["dataloggers"]]
    return Facts(
        is_wanted=connection.is_active,
        listener_alive=alive.exists(),
        is_held=holder.exists(),
        status=connection.status,
        status_age=now - connection.status_since,
        error=connection.last_error,
        broker=f"{connection.broker_host}:{connection.broker_port}",
        filters=tuple(connection.subscribed),
        data=seen["data"],
        message_age=_age(seen["connection"].last_message_at, now),
        pace=pace,
        window=window,
        stamp_age=_age(Sensor.objects.filter(datalogger__site=site).aggregate(at=Max("latest_time"))["at"], now),
        pending_age=_age(holder.aggregate(at=Min("oldest_pending_at"))["at"], now),
        devices=sum(sum(states.values()) for states in counts),
        silent=sum(states[Presence.OFFLINE] for states in counts),
        silent_gateway=_silent_gateway(site),
        **fates,
    )


def _age(at: datetime | None, now: datetime) -> timedelta | None:
    return now - at if at else None


def _silent_gateway(site: Site) -> str:
    """The serial of the gateway that has been silent for longest, empty for none."""
    silent = Gateway.objects.filter(site=site, status=Presence.OFFLINE).order_by("status_since")
    return silent.values_list("serial", flat=True).first() or ""
