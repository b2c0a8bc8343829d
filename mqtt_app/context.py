"""What a log line is about: the ids of request, task, batch and connection, which travel with the work."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039  never changed in place


def ids() -> Mapping[str, str]:
    return _ids.get()


@contextmanager
def about(**found: object) -> Iterator[None]:
    """Until the end of the block, what is logged is about these, too."""
    token = _ids.set({**_ids.get(), **{name: str(value) for name, value in found.items()}})
    try:
        yield
    finally:
        _ids.reset(token)


def begin(**found: object) -> None:
    """For work whose end nobody tells: from now on it is about these only."""
    _ids.set({name: str(value) for name, value in found.items()})
