"""Indicators and signals for programs."""

from datetime import datetime
from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import LatestFirst
from core.api.fields import Moment, Pair
from core.api.schema import PAGE_PARAMETERS, FailureSerializer, page_of
from core.api.throttles import network_of
from market import candles, catalog, signal_feed
from market.charts import api as charts
from market.models import Signal
from market.studies import STUDIES, answers
from market.studies.wishes import parse_all

SHARED = ("instrument", "interval", "limit", "end")
KEPT = "public, max-age=10"  # signals come with closed candles, a minute's at the most often
VALUE = serializers.DictField(child=serializers.CharField(allow_null=True))


class IndicatorSerializer(serializers.Serializer[Any]):
    """One indicator over a row of closed candles."""

    name = serializers.CharField()
    parameters = serializers.DictField(child=serializers.FloatField())
    outputs = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(
        child=VALUE, help_text="Oldest first: `time` and a text, or null, for each output."
    )
    left_out = serializers.ListField(
        child=Moment(), help_text="Candles made of too few minutes: nothing is computed of them."
    )
    state = serializers.ChoiceField(
        choices=["ready", "computing"],
        help_text="`computing`: ask again in a second; values are the last known ones.",
    )


class IndicatorsSerializer(serializers.Serializer[Any]):
    """Everything that was asked for."""

    instrument = Pair()
    interval = serializers.CharField()
    indicators = IndicatorSerializer(many=True)


@method_decorator(conditional_page, name="dispatch")
class Indicators(APIView):
    """`GET indicators/`"""

    permission_classes = [AllowAny]

    @extend_schema(
        responses=IndicatorsSerializer,
        tags=["market"],
        parameters=[
            OpenApiParameter("names", str, required=True, description="`rsi,macd`, at most 20."),
            *(one for one in charts.PARAMETERS if one.name in SHARED),
            *(
                OpenApiParameter(study.name, str, description=", ".join(study.defaults))
                for study in STUDIES.values()
                if study.parameters
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """The values of some indicators, also with parameters of one's own: `names=rsi&rsi=21`."""
        query = request.query_params
        wishes = parse_all(query.get("names", ""), query)
        asked = answers.Range(
            catalog.instrument(query.get("instrument", "")).symbol,
            query.get("interval", "1h"),
            charts.limit(query.get("limit")),
            charts.moment(query.get("end")),
        )
        found = answers.of(wishes, asked, address=network_of(request))
        body = {
            "instrument": asked.symbol.replace("-", "/"),
            "interval": asked.interval,
            "indicators": [_indicator(one) for one in found],
        }
        kept = charts.CLOSED if charts.is_past(request, asked.interval) else charts.OPEN
        is_whole = all(one.state == "ready" for one in found)
        return Response(body, headers={"Cache-Control": kept if is_whole else "no-cache"})


class SignalSerializer(serializers.Serializer[Any]):
    """Something that happened at a closed candle, told once."""

    id = serializers.UUIDField()
    instrument = Pair(source="symbol")
    interval = serializers.ChoiceField(choices=[*candles.INTERVALS])
    kind = serializers.CharField()
    time = Moment(help_text="Opening of its candle.")
    direction = serializers.ChoiceField(choices=Signal.Direction.choices)
    strength = serializers.CharField(help_text="A number from 0, just so, to 1.")
    sentence = serializers.CharField()
    evidence = serializers.DictField(child=serializers.CharField())
    simulated = serializers.BooleanField()


@method_decorator(conditional_page, name="dispatch")
class Signals(APIView):
    """`GET signals/`"""

    permission_classes = [AllowAny]

    @extend_schema(
        responses={
            200: page_of(SignalSerializer),
            404: OpenApiResponse(FailureSerializer, "There is no such instrument."),
        },
        parameters=[
            OpenApiParameter("instrument", str, description="`EUR-USD`; left out: all."),
            OpenApiParameter(
                "interval", str, enum=[*candles.INTERVALS], description="Left out: 15m and longer."
            ),
            OpenApiParameter("since", datetime, description="Candles that opened then or later."),
            *PAGE_PARAMETERS,
        ],
        tags=["market"],
    )
    def get(self, request: Request) -> Response:
        """What happened on the markets, the latest first; facts, no advice."""
        query, pages = request.query_params, LatestFirst()
        since = charts.moment(query.get("since"), "since")
        found = signal_feed.rows(query.get("instrument"), query.get("interval"), since=since)
        rows = [signal_feed.happening(row) for row in pages.pages(found, request)]
        answer = pages.get_paginated_response(SignalSerializer(rows, many=True).data)
        answer.headers["Cache-Control"] = KEPT
        return answer


def _indicator(answer: answers.Answer) -> dict[str, Any]:
    study = answer.wish.study
    return {
        "name": study.name,
        "parameters": answer.wish.parameters,
        "outputs": [output.name for output in study.outputs],
        "values": answer.values,
        "left_out": answer.left_out,
        "state": answer.state,
    }
