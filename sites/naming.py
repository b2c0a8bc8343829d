"""What people say of devices: names, tags, intervals, and until when they ring nobody. Messages say nothing of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models import QuerySet

from sites.models import Datalogger, Gateway

D = TypeVar("D", Gateway, Datalogger)

AT_ONCE = 200  # devices
TAGS = 20  # of one datalogger

AS_IT_IS: Final = object()
"""What is not to change, where None says something."""


class TooManyTags(Exception):
    """A datalogger would have more tags than it may."""


def lock(devices: QuerySet[D]) -> list[D]:
    """These devices, ours until the transaction ends."""
    return list(devices.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def change(
    devices: Sequence[Gateway | Datalogger],
    *,
    names: Mapping[int, str] | None = None,
    muted_until: Any = AS_IT_IS,
    add_tags: Collection[str] = (),
    remove_tags: Collection[str] = (),
    interval_s: float | None = None,
) -> None:
    """Write what is said of these devices, all of one kind and locked. The database notes who says it.

    names: by id, "" to have none again. muted_until: a datetime, or None to ring again. interval_s: seconds, until the
    device itself declares one. Tags are a datalogger's. Raises TooManyTags.
    """
    for device in devices:
        said: dict[str, str | datetime | float | list[str] | None] = {}
        if names and device.pk in names:
            said["name"] = names[device.pk]
        if muted_until is not AS_IT_IS:
            said["muted_until"] = muted_until
        if interval_s is not None:
            said["interval_s"] = interval_s
        if isinstance(device, Datalogger) and (add_tags or remove_tags):
            tags = said["tags"] = sorted({*device.tags, *add_tags} - {*remove_tags})
            if len(tags) > TAGS:
                raise TooManyTags(f"{device.serial} would have more than {TAGS} tags.")
        for column, value in said.items():
            setattr(device, column, value)
        if said:
            device.save(update_fields=list(said))
