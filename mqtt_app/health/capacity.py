"""How many machines a field needs: a linear model, fitted to what `make bench` measures (docs/scaling.md)."""

import math
from dataclasses import dataclass

LISTENER_US, WORKER_US, DATABASE_US, REST_US = 90, 300, 110, 80
"""Microseconds of a core that a message of ten readings costs: the listener, the workers, PostgreSQL, and the rest."""

READINGS = 10  # in a message
READING_BYTES = 150  # of disk for one reading, its index included
CONNECTIONS = 1_000  # that one listener holds
BUSY = 0.6
"""The share of a core that may be busy on average: the rest is for bursts, and for catching up after an outage."""

CORES = 4  # of a machine
DATABASE_CORES = 16  # beyond which sites are spread over several databases
MICRO = 1e-6


@dataclass(frozen=True, slots=True)
class Need:
    """What a field of this size needs. Cores are whole ones, at 60 % of their time."""

    rate: float
    """Messages a second."""
    listeners: int
    workers: int
    """Processes of the ingest worker."""
    database_cores: int
    machines: int
    """Of four cores each, the database's own included."""
    databases: int
    gigabytes_a_day: float


def need(sites: int, devices: int, interval_s: float) -> Need:
    """Each device sends one message of ten readings in each interval; each site has one connection."""
    rate = devices / interval_s
    listening, working, storing, rest = (
        rate * us * MICRO / BUSY for us in (LISTENER_US, WORKER_US, DATABASE_US, REST_US)
    )
    databases = max(1, math.ceil(storing / DATABASE_CORES))
    return Need(
        rate=rate,
        listeners=max(1, math.ceil(sites / CONNECTIONS), math.ceil(listening)),
        workers=max(1, math.ceil(working)),
        database_cores=max(1, math.ceil(storing)),
        machines=max(1, databases, math.ceil((listening + working + storing + rest) / CORES)),
        databases=databases,
        gigabytes_a_day=rate * READINGS * READING_BYTES * 86_400 / 1e9,
    )
