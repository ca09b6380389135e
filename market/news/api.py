"""The news for programs."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import NewestFirst
from core.api.fields import Moment, Pair
from core.api.schema import PAGE_PARAMETERS, page_of
from market.models import Story
from market.news import stories

KEPT = "public, max-age=60"  # feeds are read every few minutes


class AboutSerializer(serializers.Serializer[Any]):
    """An instrument a story is about."""

    symbol = Pair()
    score = serializers.FloatField(help_text="From 0 to 1: how much the story is about it.")
    lean = serializers.FloatField(help_text="From -1 to 1: how it reads for the base currency.")


class StorySerializer(serializers.Serializer[Any]):
    """One piece of news, in plain text."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField(help_text="Where the whole story is; http or https.")
    source = serializers.CharField()  # type: ignore[assignment]
    published_at = Moment()
    sentiment = serializers.ChoiceField(choices=Story.Mood.choices)
    score = serializers.FloatField(help_text="Mood from -1 to 1.")
    instruments = AboutSerializer(many=True)


@method_decorator(conditional_page, name="dispatch")
class News(APIView):
    """`GET news/`"""

    permission_classes = [AllowAny]

    @extend_schema(
        responses=page_of(StorySerializer),
        parameters=[
            OpenApiParameter("instrument", str, description="`EUR-USD`; left out: all news."),
            *PAGE_PARAMETERS,
        ],
        tags=["market"],
    )
    def get(self, request: Request) -> Response:
        """Stories, the latest to come in first."""
        found = stories.about(request.query_params.get("instrument"))
        pages = NewestFirst()
        rows = [stories.headline(story) for story in pages.pages(found, request)]
        answer = pages.get_paginated_response(StorySerializer(rows, many=True).data)
        answer.headers["Cache-Control"] = KEPT
        return answer
