"""Encrypts all stored secrets anew, under the first key of FIELD_KEYS: after that the others may go."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import CharField, Model, TextField, Value
from django.db.models.functions import Cast

from sites.fields import EncryptedTextField, Undecryptable, rotated

SLICE = 500


class Outcome(NamedTuple):
    """locked: which secrets no key can read, in words."""

    rotated: int
    current: int
    locked: list[str]


def rotate() -> Outcome:
    """Every secret of every table, one short statement each; safe to repeat, and to interrupt anywhere."""
    done, current, locked = 0, 0, list[str]()
    for model, name, pk, stored in _secrets():
        try:
            text = rotated(stored)
        except Undecryptable:
            locked.append(_words(model, name, pk))
            continue
        if text is None:
            current += 1
        else:  # unless somebody enters another one meanwhile
            unchanged = _raw(model, name).filter(pk=pk, raw=stored)
            done += unchanged.update(**{name: Cast(Value(text, CharField()), TextField())})
    return Outcome(done, current, locked)


def locked() -> list[str]:
    """Which stored secrets no key can read, in words. Nothing is changed."""
    found = []
    for model, name, pk, stored in _secrets():
        try:
            rotated(stored)
        except Undecryptable:
            found.append(_words(model, name, pk))
    return found


def _words(model: type[Model], name: str, pk: Any) -> str:
    return f"{name} of {model._meta.verbose_name} {pk}"


def _raw(model: type[Model], name: str) -> Any:
    return model._default_manager.annotate(raw=Cast(name, TextField()))


def _secrets() -> Iterator[tuple[type[Model], str, Any, str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                stored = _raw(model, field.name).exclude(raw="").order_by("pk").values_list("pk", "raw")
                for pk, text in stored.iterator(SLICE):
                    yield model, field.name, pk, text
