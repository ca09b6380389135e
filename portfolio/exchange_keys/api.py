"""Exchange keys for the site's own scripts: no token may see, give or end them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actors, step_up
from accounts.people import person
from accounts.tokens import SessionOnly
from core.api import NewestFirst, only
from core.api.fields import Moment, Text
from core.api.schema import PAGE_PARAMETERS, page_of
from portfolio import credentials
from portfolio.api import MoneyView
from portfolio.exchange_keys.rows import told

MODES = ("sandbox", "real")
STATES = ("untested", "testing", "works", "paused", "refused", "revoked")


class NewExchangeKeySerializer(serializers.Serializer[Any]):
    """A key to be kept."""

    venue = serializers.ChoiceField(choices=list(credentials.VENUES))
    label = Text(max_length=60)  # type: ignore[assignment]
    mode = serializers.ChoiceField(choices=MODES)
    key = Text(max_length=credentials.KEY_MAX, write_only=True)
    secret = Text(max_length=credentials.SECRET_MAX, write_only=True)


class ExchangeKeySerializer(serializers.Serializer[Any]):
    """A key without its secret."""

    id = serializers.UUIDField()
    venue = serializers.ChoiceField(choices=list(credentials.VENUES))
    label = serializers.CharField()  # type: ignore[assignment]
    mode = serializers.ChoiceField(choices=MODES)
    key_end = serializers.CharField(help_text="The last four characters of the key.")
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(help_text="Of the state; often empty.")
    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="As far as the exchange tells."
    )
    created_at = Moment()
    tested_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)


class ExchangeKeys(MoneyView):
    """`GET|POST exchange-credentials/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(
        responses=page_of(ExchangeKeySerializer),
        parameters=PAGE_PARAMETERS,
        tags=["exchange keys"],
    )
    def get(self, request: Request) -> Response:
        """Your exchange keys, ended ones too, newest first."""
        pages = NewestFirst()
        rows = pages.pages(credentials.of(person(request)), request)
        shown = ExchangeKeySerializer([told(row) for row in rows], many=True).data
        return pages.get_paginated_response(list(shown))

    @extend_schema(
        request=NewExchangeKeySerializer,
        responses={201: ExchangeKeySerializer},
        tags=["exchange keys"],
    )
    def post(self, request: Request) -> Response:
        """Keep a key and test it; needs a second factor and a recent sign-in."""
        step_up.check(request._request)
        given = NewExchangeKeySerializer(data=only(request, NewExchangeKeySerializer().fields))
        given.is_valid(raise_exception=True)
        wish = credentials.Wish(**given.validated_data)
        row = credentials.add(person(request), wish, by=actors.of(request))
        return Response(ExchangeKeySerializer(told(row)).data, status.HTTP_201_CREATED)


class OneExchangeKey(MoneyView):
    """`GET|DELETE exchange-credentials/{id}/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(responses=ExchangeKeySerializer, tags=["exchange keys"])
    def get(self, request: Request, key_id: UUID) -> Response:
        """One key and whether it works."""
        row = credentials.get(person(request), key_id)
        return Response(ExchangeKeySerializer(told(row)).data)

    @extend_schema(responses={204: None}, tags=["exchange keys"])
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke a key: its secret is deleted, its row stays."""
        credentials.get(person(request), key_id)
        step_up.check(request._request)
        credentials.revoke(person(request), key_id, by=actors.of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
