"""Where logs go: the console for everything, and a file each for the two stories people look up."""

import logging
from pathlib import Path
from typing import Any

from mqtt_app import context

FILES = {"mqtt_app.connections": "mqtt_connections.log", "mqtt_app.parsing": "mqtt_parsing.log"}


NAMES = ("request", "task", "batch", "connection")


class OneLine(logging.Formatter):
    """A record's message stays on one line and cannot steer a terminal: payloads and topics are foreign words."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in record.message)
        return super().formatMessage(record)


class Ids(logging.Filter):
    """Adds to a record what it is about: attributes for programs, words for people."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = context.ids()
        for name in NAMES:
            setattr(record, f"{name}_id", found.get(name))
        told = " ".join(f"{name}={found[name]}" for name in NAMES if name in found)
        record.about = f" [{told}]" if told else ""
        return True


def logging_config(folder: Path, level: str, form: str = "line") -> dict[str, Any]:
    """Django's LOGGING. form: line or json.

    WatchedFileHandler appends whole lines and follows logrotate: safe with many processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        name: {
            "class": "logging.handlers.WatchedFileHandler",
            "filename": str(folder / file),
            "formatter": form,
            "filters": ["ids"],
            "delay": True,
        }
        for name, file in FILES.items()
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "project.logs.OneLine",
                "fmt": "{asctime} {levelname} {name} {message}{about}",
                "style": "{",
            },
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "{levelname}{name}{message}" + "".join(f"{{{name}_id}}" for name in NAMES),
                "style": "{",
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": "at",
            },
        },
        "filters": {"ids": {"()": "project.logs.Ids"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["ids"]},
            **files,
        },
        "loggers": {name: {"handlers": [name], "level": "INFO"} for name in FILES} | {"axes": {"level": "WARNING"}},
        "root": {"handlers": ["console"], "level": level},
    }
