"""How do amounts, moments and instruments look on the wire? Text, UTC, `EUR/USD`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import clock, money


@extend_schema_field({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "example": "1991.51"})
class DecimalText(serializers.Field):  # type: ignore[type-arg]
    """An exact number, sent as text. For answers only."""

    def to_representation(self, value: Decimal) -> str:
        """Plain digits, never an exponent."""
        return money.wire(value)


@extend_schema_field(
    {"type": "string", "pattern": r"^\d{1,20}(\.\d{1,18})?$", "example": "2423.00"}
)
class AmountText(DecimalText):
    """An amount a caller sends: text; raises what `core.money.parse` raises."""

    def to_internal_value(self, data: object) -> Decimal:
        """The amount, more than zero."""
        return money.parse(data)


@extend_schema_field(
    {"type": "string", "format": "date-time", "example": "2026-03-02T12:00:00.000Z"}
)
class Moment(serializers.Field):  # type: ignore[type-arg]
    """A moment in UTC with milliseconds. For answers only."""

    def to_representation(self, value: datetime) -> str:
        """ISO 8601 with a `Z`."""
        return clock.iso(value)


class Text(serializers.CharField):
    """Text a caller sends; a number is none, as the description says."""

    def to_internal_value(self, data: object) -> str:
        """The text without the spaces around it."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A whole number a caller sends; its text is none."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if isinstance(data, str):
            self.fail("invalid")
        return int(super().to_internal_value(data))


@extend_schema_field({"type": "string", "example": "EUR/USD"})
class Pair(serializers.Field):  # type: ignore[type-arg]
    """An instrument's symbol as bodies carry it. For answers only."""

    def to_representation(self, value: str) -> str:
        """`EUR-USD` as `EUR/USD`."""
        return value.replace("-", "/")


def whole(results: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a list that has no further page."""
    return {"next": None, "previous": None, "results": results}
