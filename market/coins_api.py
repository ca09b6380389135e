"""The coins by market value for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import DecimalText, Moment, Pair, whole
from core.api.schema import page_of
from market import following
from market.api import CatalogView


class TopCoinSerializer(serializers.Serializer[Any]):
    """A coin by market value."""

    rank = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    price = DecimalText(help_text="USD, as the list said it; `quotes/` has ours.")
    market_value = DecimalText(help_text="USD.")
    as_of = Moment()
    instrument = Pair(allow_null=True, help_text="What it is priced by here; null: not followed.")


class TopCoins(CatalogView):
    """`GET top-coins/`"""

    @extend_schema(responses=page_of(TopCoinSerializer), tags=["market"])
    def get(self, request: Request) -> Response:
        """The coins with the highest market value, as the last daily list ranks them."""
        return Response(whole(TopCoinSerializer(following.top(), many=True).data))
