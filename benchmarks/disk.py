"""What a commit cannot be faster than: how long this disk takes to keep a page, asked again and again beside a load."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = bytes(8_192)  # what PostgreSQL writes at least with each commit
EVERY_S = 0.05


@contextmanager
def flushing(folder: Path) -> Iterator[list[float]]:
    """Milliseconds that each write of a page with its fdatasync took so far, in a file of its own in this folder."""
    took: list[float] = []
    done = threading.Event()
    thread = threading.Thread(target=_flush, args=(folder / "flushed", took, done), daemon=True)
    thread.start()
    try:
        yield took
    finally:
        done.set()
        thread.join()


def _flush(path: Path, took: list[float], done: threading.Event) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(PAGE)
        while not done.wait(EVERY_S):
            began = time.perf_counter()
            os.pwrite(file.fileno(), PAGE, 0)  # in place: the file does not grow, as WAL segments do not
            os.fdatasync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    path.unlink()
