"""How do stored secrets come under a new key while the site runs?

Row by row: a row is changed only if it still holds what was read, and rows are gone through again
until a whole round finds none under an old key. Old keys stay in the ring, so nobody waits.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models

from core import secrets
from core.errors import Retryable
from core.secrets.field import Sealed, SealedField

BATCH = 500
ROUNDS_MAX = 10
Reseal = Callable[[models.Model, Any], Any]  # (row, stored value) -> value under the current key


def everywhere() -> int:
    """Bring every sealed column of every model under the current key; how many rows changed.

    Raises Broken where a secret does not open, Retryable where rows come faster than we do.
    """
    return sum(
        column(model, field.name, _of_field(field))
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    )


def column(model: type[models.Model], name: str, reseal: Reseal) -> int:
    """The same of one column."""
    changed = 0
    for _ in range(ROUNDS_MAX):
        found = sum(1 for row in _rows(model) if _change(row, name, reseal))
        changed += found
        if not found:
            return changed
    raise Retryable(f"{model.__name__}.{name} keeps getting rows under an old key.")


def _of_field(field: SealedField) -> Reseal:
    def reseal(row: models.Model, value: Sealed | None) -> Sealed | None:
        if value is None:
            return None
        owner = getattr(row, field.owner)
        return Sealed(secrets.resealed(value.text, purpose=field.purpose, owner=owner))

    return reseal


def _rows(model: type[models.Model]) -> Iterator[models.Model]:
    last = 0
    while batch := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _change(row: models.Model, name: str, reseal: Reseal) -> bool:
    """Whether the row was under an old key; what somebody else changed waits for the next round."""
    stored = getattr(row, name)
    wanted = reseal(row, stored)
    if wanted == stored:
        return False
    type(row)._default_manager.filter(pk=row.pk, **{name: stored}).update(**{name: wanted})
    return True
