"""{site}/connection/status: the site's own link, as a device of kind `connection`; retained, it may be weeks old."""

from mqtt_app.parsers import announcement
from mqtt_app.parsers.base import Context, Envelope
from sites.reports import Report


class ConnectionStatus:
    """Its time has no zone and is kept as the device's claim only: presence counts by our clock."""

    name = "connection_status"
    patterns = ("+/connection/status",)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        return announcement.read(envelope, context, kind="connection")
