"""Candles for programs: JSON page by page into the past, CSV, Parquet."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api import pages
from core.api.fields import DecimalText, Moment, Pair
from core.api.throttles import network_of
from core.errors import Code, Refused
from market import candles
from market.candles import INTERVALS, LIMIT, LIMIT_MAX, Series
from market.charts import answers, coming, downloads, told
from market.charts.downloads import Wish
from market.gaps import bucket

FORMATS = ("json", "csv", "parquet")
CLOSED, OPEN = "public, max-age=300", "public, max-age=1"
ROLLED_UP = timedelta(seconds=5)  # after its end a candle is there, whatever the writer was at
PARAMETERS = [
    OpenApiParameter("instrument", str, required=True, description="`EUR-USD`, in any case."),
    OpenApiParameter("interval", str, enum=[*INTERVALS], default="1h"),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}
    ),
    OpenApiParameter("end", datetime, description="Candles that opened before; default now."),
    OpenApiParameter("source", str, description="One source's own; default the best of all."),
    OpenApiParameter("format", str, enum=[*FORMATS], default="json"),
]


class CandleSerializer(serializers.Serializer[Any]):
    """One candle; `time` is when it opened."""

    time = Moment()
    open = DecimalText()
    high = DecimalText()
    low = DecimalText()
    close = DecimalText()
    volume = DecimalText(allow_null=True, help_text="Units of base, where a source tells it.")
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="`reference` is our own price."
    )


class GapSerializer(serializers.Serializer[Any]):
    """Candles that are missing, although the market was open."""

    start = Moment()
    end = Moment()
    reason = serializers.CharField()


class CandlesSerializer(serializers.Serializer[Any]):
    """Closed candles, newest last; `forming` is not closed and may still change."""

    instrument = Pair()
    interval = serializers.ChoiceField(choices=[*INTERVALS])
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    simulated = serializers.BooleanField()
    candles = CandleSerializer(many=True)
    forming = CandleSerializer(allow_null=True)
    gaps = GapSerializer(many=True)
    past = serializers.ChoiceField(
        choices=["ready", "coming"], help_text="Whether older candles are being made just now."
    )
    next = serializers.URLField(allow_null=True, help_text="Older candles.")


class MadeLater(serializers.Serializer[Any]):
    """The file is not there yet."""

    state = serializers.ChoiceField(choices=["computing"])


@method_decorator(conditional_page, name="dispatch")
class Candles(APIView):
    """`GET candles/?instrument=EUR-USD&interval=1h`"""

    permission_classes = [AllowAny]

    @extend_schema(
        responses={
            (200, "application/json"): CandlesSerializer,
            (200, "text/csv"): str,
            (200, downloads.CONTENT_TYPE): bytes,
            202: OpenApiResponse(MadeLater, "The Parquet file is being made: see Retry-After."),
        },
        parameters=PARAMETERS,
        tags=["market"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Candles of an instrument, the newest ones or those before `end`."""
        wanted = request.query_params.get("format", "json")
        if wanted not in FORMATS:
            raise Refused(Code.MALFORMED, f"`format` is one of {', '.join(FORMATS)}.")
        if wanted == "parquet":
            return parquet(request)
        found = asked(request)
        more = coming.is_coming(found, limit=limit(request.query_params.get("limit")))
        settled = is_past(request, found.interval) and not more
        headers = {"Cache-Control": CLOSED if settled else OPEN}
        if wanted == "csv":
            name = answers.file_name(found, "csv")
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return HttpResponse(
                answers.table(found), content_type="text/csv; charset=utf-8", headers=headers
            )
        body = answers.series(found, following(request, found), coming=more)
        return Response(body, headers=headers)


def parquet(request: Request) -> HttpResponseBase:
    """The file, or 202 until it is there; raises Refused."""
    query, found = request.query_params, asked(request, count=1)
    end, source = moment(query.get("end")), query.get("source") or ""
    count = limit(query.get("limit"))
    wish = Wish(found.symbol, found.interval, count, end.isoformat() if end else "", source)
    content = downloads.find(wish, address=network_of(request))
    if content is None:
        headers = {"Retry-After": str(downloads.RETRY_S), "Cache-Control": "no-store"}
        return Response({"state": "computing"}, status=202, headers=headers)
    name = answers.file_name(found, "parquet")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": OPEN}
    return HttpResponse(content, content_type=downloads.CONTENT_TYPE, headers=headers)


def asked(request: Request, *, count: int | None = None) -> Series:
    """The series a request asks for; raises Refused."""
    query = request.query_params
    found = candles.series(
        query.get("instrument", ""),
        query.get("interval", "1h"),
        end=moment(query.get("end")),
        limit=count or limit(query.get("limit")),
        source=query.get("source") or None,
    )
    return told.up_to_date(found)


def is_past(request: Request, interval: str) -> bool:
    """Whether every candle asked for was over, and rolled up, some seconds ago."""
    until = moment(request.query_params.get("end"))
    settled = bucket(clock.now() - ROLLED_UP, candles.step_of(interval))
    return until is not None and until <= settled


def following(request: Request, found: Series) -> str | None:
    """The address of older candles; None where there were fewer than asked for."""
    if len(found.candles) < limit(request.query_params.get("limit")):
        return None
    query = request.query_params.copy()
    query["end"] = clock.iso(found.candles[0].open_time)
    return request.build_absolute_uri(f"?{query.urlencode()}")


def limit(given: str | None) -> int:
    """How many candles; raises Refused `malformed`."""
    return pages.limit(str(LIMIT) if given is None else given, up_to=LIMIT_MAX)


def moment(given: str | None, name: str = "end") -> datetime | None:
    """A moment of a query, with its zone; raises Refused `malformed` with its `name`."""
    if given is None:
        return None
    try:
        at = parse_datetime(given.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(Code.MALFORMED, f"`{name}` is a moment such as 2026-03-02T12:00:00Z.")
    return at
