"""The market for programs: currencies, instruments, sources, coins by market value."""

from dataclasses import asdict
from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from core import clock
from core.api import pages
from core.api.fields import DecimalText, Moment, Pair, whole
from core.api.schema import page_of
from core.errors import Code, Refused
from market import board, catalog, following, sources
from market.models import Currency, Instrument, SourceHealth

COINS_MAX = 500


class CurrencySerializer(serializers.Serializer[Any]):
    """Money of a country, or a crypto coin."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Currency.Kind.choices)
    decimals = serializers.IntegerField(help_text="Precision of balances and amounts.")
    symbol = serializers.CharField()
    flag = serializers.CharField(help_text="ISO country code; empty for crypto.")
    on_board = serializers.BooleanField(help_text="One of the board's first rows.")


class InstrumentSerializer(serializers.Serializer[Any]):
    """A pair with rules: its price is units of `quote` per 1 `base`."""

    symbol = Pair()
    base = serializers.CharField()
    quote = serializers.CharField()
    kind = serializers.ChoiceField(choices=Instrument.Kind.choices)
    price_increment = DecimalText()
    quantity_increment = DecimalText()
    min_quantity = DecimalText()
    max_price_age_s = serializers.IntegerField()
    trading_hours = serializers.ChoiceField(choices=["fx_week", "always"])


class PriceSourceSerializer(serializers.Serializer[Any]):
    """A source of prices; the counts are of ticks since it was first heard."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=SourceHealth.State.choices)
    last_success_at = Moment(allow_null=True)
    last_problem_at = Moment(allow_null=True)
    last_problem = serializers.CharField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()

    def get_title(self, source: SourceHealth) -> str:
        """What people call it."""
        return sources.title(source.name)


class TopCoinSerializer(serializers.Serializer[Any]):
    """A coin by market value."""

    rank = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    price = DecimalText(help_text="USD, as the list said it; `quotes/` has ours.")
    market_value = DecimalText(help_text="USD.")
    as_of = Moment()
    instrument = Pair(allow_null=True, help_text="What it is priced by here; null: not followed.")


@method_decorator(conditional_page, name="dispatch")
class CatalogView(APIView):
    """Open to everybody; answers 304 to whoever has it already."""

    permission_classes = [AllowAny]


class Currencies(CatalogView):
    """`GET currencies/`"""

    @extend_schema(responses=page_of(CurrencySerializer), tags=["market"])
    def get(self, request: Request) -> Response:
        """All currencies, in the order they are shown."""
        return Response(whole(CurrencySerializer(catalog.currencies(), many=True).data))


class Instruments(CatalogView):
    """`GET instruments/`"""

    @extend_schema(responses=page_of(InstrumentSerializer), tags=["market"])
    def get(self, request: Request) -> Response:
        """All listed instruments, those against USD first."""
        return Response(whole(InstrumentSerializer(catalog.instruments(), many=True).data))


class OneInstrument(CatalogView):
    """`GET instruments/{symbol}/`"""

    @extend_schema(
        responses=InstrumentSerializer,
        parameters=[
            OpenApiParameter(
                "symbol", str, OpenApiParameter.PATH, description="`EUR-USD`, in any case."
            )
        ],
        tags=["market"],
    )
    def get(self, request: Request, symbol: str) -> Response:
        """One listed instrument."""
        return Response(InstrumentSerializer(catalog.instrument(symbol)).data)


class Sources(CatalogView):
    """`GET sources/`"""

    @extend_schema(responses=page_of(PriceSourceSerializer), tags=["market"])
    def get(self, request: Request) -> Response:
        """Where prices come from, and whether each source is answering."""
        return Response(whole(PriceSourceSerializer(sources.health(), many=True).data))


class TopCoins(CatalogView):
    """`GET top-coins/`"""

    @extend_schema(
        responses=page_of(TopCoinSerializer),
        parameters=[
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": COINS_MAX},
                description="The first so many; left out: all. There are no further pages.",
            )
        ],
        tags=["market"],
    )
    def get(self, request: Request) -> Response:
        """The coins with the highest market value, as the last daily list ranks them."""
        query = request.query_params
        if query.get("cursor"):
            raise Refused(Code.MALFORMED, "This list has no pages, so no `cursor` is its own.")
        count = pages.limit(query.get("limit", str(COINS_MAX)), up_to=COINS_MAX)
        return Response(whole(TopCoinSerializer(following.top()[:count], many=True).data))


class Quotes(APIView):
    """`GET quotes/`, where `market/fast.py` does not stand before Django."""

    permission_classes = [AllowAny]
    authentication_classes: list[type[BaseAuthentication]] = []
    throttle_classes: list[type[BaseThrottle]] = []

    @extend_schema(exclude=True)  # `market/fast_schema.py` describes it
    def get(self, request: Request) -> Response:
        """The board of rates against one currency, as it is at this moment."""
        now = board.snapshot(request.query_params.get("base", "USD"))
        answer = {
            "base": now.base,
            "as_of": clock.iso(now.as_of),
            "seq": now.seq,
            "results": [asdict(row) for row in now.rows],
        }
        return Response(answer, headers={"Cache-Control": "max-age=1"})
