"""{site}/backend/status: another backend listens at this site; a device of kind `backend`."""

from mqtt_app.parsers import announcement
from mqtt_app.parsers.base import Context, Envelope
from sites.reports import Report


class BackendBeacon:
    """A listener recognises its own beacon and ignores it before any parser is asked."""

    name = "backend_beacon"
    patterns = ("+/backend/status",)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        return announcement.read(envelope, context, kind="backend")
