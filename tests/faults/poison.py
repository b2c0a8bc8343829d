"""A parser that does what its message says: the worst a parser can do."""

import os
import signal
import time

from mqtt_app.parsers.base import Context, Envelope
from sites.reports import DataloggerReport, Report


class Poison:
    """Registered in the workers of these tests only."""

    name = "poison"
    patterns = ("+/poison",)

    def parse(self, envelope: Envelope, context: Context) -> Report:  # noqa: ARG002
        match envelope.payload:
            case b"kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"hang":
                time.sleep(600)
            case b"fill":
                bytearray(1 << 47)  # more than any machine gives; what it does give is limited in isolation
            case b"raise":
                raise RuntimeError("a parser's own fault")
        return Report(dataloggers=(DataloggerReport(serial=envelope.payload.decode()),))
