"""The admin for how the field speaks to us. Like REST it only writes rows; a reconcile applies them."""

from mqtt_app.admin import (
    cases,
    commands,
    connections,
    discovered,
    inbox,
    ledger,
    logs,
    mappings,
    newcomers,
    notices,
    schedule,
    sites,
    topics,
)

__all__ = [
    "cases",
    "commands",
    "connections",
    "discovered",
    "inbox",
    "ledger",
    "logs",
    "mappings",
    "newcomers",
    "notices",
    "schedule",
    "sites",
    "topics",
]
