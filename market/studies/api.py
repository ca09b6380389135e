"""Indicators for programs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.fields import Pair
from market import catalog
from market.charts import api as charts
from market.studies import STUDIES, answers
from market.studies.wishes import parse_all

SHARED = ("instrument", "interval", "limit", "end")
VALUE = serializers.DictField(child=serializers.CharField(allow_null=True))


class IndicatorSerializer(serializers.Serializer[Any]):
    """One indicator over a row of closed candles."""

    name = serializers.CharField()
    parameters = serializers.DictField(child=serializers.FloatField())
    outputs = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(
        child=VALUE, help_text="Oldest first: `time` and a text, or null, for each output."
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
        found = answers.of(wishes, asked)
        body = {
            "instrument": asked.symbol.replace("-", "/"),
            "interval": asked.interval,
            "indicators": [_indicator(one) for one in found],
        }
        return Response(body, headers={"Cache-Control": "no-cache"})


def _indicator(answer: answers.Answer) -> dict[str, Any]:
    study = answer.wish.study
    return {
        "name": study.name,
        "parameters": answer.wish.parameters,
        "outputs": [output.name for output in study.outputs],
        "values": answer.values,
        "state": answer.state,
    }
