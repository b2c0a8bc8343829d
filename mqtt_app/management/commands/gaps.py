"""Where the history of sensors has gaps; and, if one wishes, ask their devices to fill them."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from mqtt_app.downlink import backfill, commands
from mqtt_app.management.commands.export import moment
from mqtt_app.models import Command as Order
from mqtt_app.models import MqttConnection
from sites import gaps
from sites.models import Sensor, Site

UNDER_WAY = (Order.Fulfilment.QUEUED, Order.Fulfilment.SENDING, Order.Fulfilment.SENT)
SENT_WITHIN = timedelta(hours=1)
PATIENCE_S = 120


class Command(BaseCommand):
    """`manage.py gaps --site dam --from 2026-03-01 --ask`. Without --ask nothing is sent."""

    help = f"{__doc__} Without --ask nothing is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", required=True, metavar="SLUG")
        parser.add_argument("--datalogger", metavar="SERIAL", help="only its sensors")
        parser.add_argument("--sensor", type=int, metavar="ID", help="only this one")
        parser.add_argument("--from", dest="start", default="", help="ISO date or time, UTC; a day ago if left out")
        parser.add_argument("--to", dest="end", default="", help="until now if left out")
        parser.add_argument("--ask", action="store_true", help="queue a query_data for each gap that can be filled")

    def handle(self, *_: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        end = moment(options["end"]) if options["end"] else timezone.now()
        start = moment(options["start"]) if options["start"] else end - timedelta(days=1)
        if start >= end:
            raise CommandError("--from lies before --to.")
        connection = MqttConnection.objects.filter(site=site).defer("password", "client_key").first()
        if options["ask"] and connection is None:
            raise CommandError(f"{site.slug} has no connection through which to ask.")
        found = asked = 0
        for sensor in chosen(site, options):
            for gap in gaps.find(sensor, start, end):
                found += 1
                said = self.ask(connection, sensor, gap) if options["ask"] and connection else backfill.place(sensor)[1]
                asked += said == ASKED
                self.stdout.write(f"{in_words(sensor, gap)}{f'  {said}' if said else ''}")
        self.stdout.write(
            f"{found} {'gap' if found == 1 else 'gaps'}{f', {asked} asked for' if options['ask'] else ''}."
        )

    def ask(self, connection: MqttConnection, sensor: Sensor, gap: gaps.Gap) -> str:
        """What was done about a gap, in words. Raises CommandError when no more commands may wait."""
        number, reason = backfill.place(sensor)
        if reason:
            return reason
        params = backfill.request(sensor.datalogger.serial, gap, gaps.interval(sensor))
        topic = f"{connection.site.slug}/gateway/{number}/datalogger/all/cmd"
        waiting = Order.objects.filter(connection=connection, topic=topic, state__in=UNDER_WAY)
        if any(json.loads(bytes(one)).get("params") == params for one in waiting.values_list("payload", flat=True)):
            return "asked before"
        limits = {"expires_at": timezone.now() + SENT_WITHIN, "timeout_s": PATIENCE_S}
        try:
            commands.request(connection, f"{number}/datalogger/all", backfill.METHOD, params, None, **limits)
        except commands.TooMany as error:
            raise CommandError(str(error)) from error
        return ASKED


ASKED = "asked for"


def chosen(site: Site, options: dict[str, Any]) -> QuerySet[Sensor]:
    rows = Sensor.objects.filter(datalogger__site=site).select_related("datalogger__gateway", "datalogger__site")
    if options["datalogger"]:
        rows = rows.filter(datalogger__serial=options["datalogger"])
    if options["sensor"] is not None:
        rows = rows.filter(pk=options["sensor"])
    if not rows.exists():
        raise CommandError("No sensor is so called there.")
    return rows.order_by("datalogger__serial", "key")


def in_words(sensor: Sensor, gap: gaps.Gap) -> str:
    name = f"{sensor.datalogger.serial} {sensor.key}"
    return f"{name:40} {shown(gap.start)} to {shown(gap.end)}  {(gap.end - gap.start).total_seconds():,.0f} s"


def shown(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
