"""How does a row hold a secret? Sealed: in no representation, form, log or export to be read."""

from typing import Any

from django.db import models

from core import secrets

HIDDEN = "…"


class Sealed:
    """A secret as it is stored; only `open` reads it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, plain: str, *, purpose: str, owner: object) -> "Sealed":
        """Seal a secret."""
        return cls(secrets.seal(plain, purpose=purpose, owner=owner))

    def open(self, *, purpose: str, owner: object) -> str:
        """The secret. Raises Broken where it belongs to another person or purpose."""
        return secrets.unseal(self.text, purpose=purpose, owner=owner)

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class SealedField(models.TextField):  # type: ignore[type-arg]
    """A column of `Sealed` values.

    `purpose` says what for; `owner` names the row's attribute that says whose, for `rotate_keys`.
    A plain text is no value of it: it raises TypeError before it can reach the database.
    """

    def __init__(self, *args: Any, purpose: str = "", owner: str = "", **kwargs: Any) -> None:
        self.purpose, self.owner = purpose, owner
        super().__init__(*args, **{"editable": False, **kwargs})

    def deconstruct(self) -> Any:
        """What a migration writes down."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose, "owner": self.owner}

    def from_db_value(self, value: str | None, *_: object) -> Sealed | None:
        """The column's text as a secret."""
        return None if value is None else Sealed(value)

    def get_prep_value(self, value: Any) -> str | None:
        """The text to store."""
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.text
        raise TypeError(f"{self.name} holds sealed values only")

    def value_to_string(self, obj: models.Model) -> str:
        """What an export may show."""
        return HIDDEN
