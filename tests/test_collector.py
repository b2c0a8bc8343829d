"""A worker's processes look for garbage only in what they made since they began."""

import gc
import warnings
from collections.abc import Iterator

import pytest
from celery.signals import worker_process_init

import project.celery  # noqa: F401  it connects to the signal


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # what other tests have left lying is not for these to answer for
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def test_what_a_worker_has_loaded_is_not_looked_through_again() -> None:
    loaded = len(gc.get_objects())
    worker_process_init.send(sender=None)
    assert gc.get_freeze_count() > loaded / 2
    assert len(gc.get_objects()) < loaded / 2


def test_nobody_looks_for_garbage_in_the_midst_of_a_batch() -> None:
    worker_process_init.send(sender=None)
    before = [one["collections"] for one in gc.get_stats()]
    batch = [[number] for number in range(30_000)]
    assert [one["collections"] for one in gc.get_stats()] == before
    assert len(batch) == 30_000
