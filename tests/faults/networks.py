"""A system whose way to PostgreSQL and Redis leads through proxies, on servers of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from project.local.ports import free_port
from tests.conftest import whole_system
from tests.embedded import Embedded
from tests.faults.proxy import Proxy
from tests.faults.queued import queued

SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Networked:
    """What tests need of it. system: as of `running_system`, with the servers' own addresses, past the proxies."""

    system: dict[str, Any]
    postgres: Proxy
    redis: Proxy
    disk: Path
    """Where PostgreSQL and Redis write."""


@contextmanager
def networked(folder: Path, disk: Callable[[Path], AbstractContextManager[None]] = nullcontext) -> Iterator[Networked]:
    """folder: where PostgreSQL is met, a short path. disk: what to put the servers' own folder on, if anything."""
    servers = Embedded()
    with disk(servers.home.folder), ExitStack() as stack:
        own = servers.start()
        stack.callback(servers.stop)
        postgres, redis = _to_postgres(own["DATABASE_URL"], folder), _to_redis(own["REDIS_URL"])
        through = {
            "DATABASE_URL": re.sub(r"host=[^&]*", f"host={quote(str(folder), safe='')}", own["DATABASE_URL"]),
            "REDIS_URL": own["REDIS_URL"].replace(f":{redis.upstream[1]}", f":{redis.listen[1]}"),  # type: ignore[index]
        }
        for proxy in (postgres, redis):
            stack.enter_context(proxy.running())
        where = stack.enter_context(queued())
        system = stack.enter_context(whole_system(**own | through | where))
        past = {"database_url": own["DATABASE_URL"], "redis_url": own["REDIS_URL"]}
        yield Networked(system | past | where, postgres, redis, servers.home.folder)
        for proxy in (postgres, redis):
            proxy.change()  # what is open closes in order


def _to_postgres(url: str, folder: Path) -> Proxy:
    (host,) = parse_qs(urlsplit(url).query)["host"]
    return Proxy(folder / SOCKET, Path(host) / SOCKET)


def _to_redis(url: str) -> Proxy:
    port = urlsplit(url).port
    assert port
    return Proxy(("127.0.0.1", free_port()), ("127.0.0.1", port))
