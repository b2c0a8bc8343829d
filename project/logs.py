"""Where logs go: the console for everything, and a file each for the two stories people look up."""

import logging
from pathlib import Path
from typing import Any

FILES = {"mqtt_app.connections": "mqtt_connections.log", "mqtt_app.parsing": "mqtt_parsing.log"}


class OneLine(logging.Formatter):
    """A record's message stays on one line and cannot steer a terminal: payloads and topics are foreign words."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in record.message)
        return super().formatMessage(record)


def logging_config(folder: Path, level: str) -> dict[str, Any]:
    """Django's LOGGING. WatchedFileHandler appends whole lines and follows logrotate: safe with many processes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        name: {
            "class": "logging.handlers.WatchedFileHandler",
            "filename": str(folder / file),
            "formatter": "line",
            "delay": True,
        }
        for name, file in FILES.items()
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "project.logs.OneLine", "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}, **files},
        "loggers": {name: {"handlers": [name], "level": "INFO"} for name in FILES} | {"axes": {"level": "WARNING"}},
        "root": {"handlers": ["console"], "level": level},
    }
