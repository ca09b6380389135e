"""The person for programs: preferences, favourites and tokens."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actors, addresses, defaults, favourites, preferences, step_up, tokens
from accounts.models import Preference, Token
from accounts.people import person
from core.api import only
from core.api.fields import Moment, Text, Whole, whole
from core.api.schema import page_of


class PreferencesSerializer(serializers.Serializer[Any]):
    """What can be changed about the person."""

    base_currency = Text(max_length=12, required=False)
    time_zone = Text(max_length=64, required=False)
    theme = serializers.ChoiceField(choices=Preference.Theme.values, required=False)
    quote_seconds = Whole(required=False, help_text="15, 30 or 60.")
    chart = serializers.DictField(required=False, help_text="How charts are drawn; up to 8 KB.")


class MeSerializer(PreferencesSerializer):
    """The person, their preferences and favourites."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    email = serializers.CharField()
    email_confirmed = serializers.BooleanField()
    favourites = serializers.ListField(child=serializers.CharField())


class NewTokenSerializer(serializers.Serializer[Any]):
    """What a token is to be."""

    name = Text(max_length=60)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Token.Scope.values), min_length=1
    )
    days = Whole(
        default=defaults.TOKEN_LASTS_DAYS, min_value=1, max_value=defaults.TOKEN_LASTS_DAYS_MAX
    )


class TokenSerializer(serializers.Serializer[Any]):
    """A token, without its text."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    start = serializers.CharField(help_text="How the text begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_null=True)


class IssuedTokenSerializer(TokenSerializer):
    """A token with its text, this once."""

    token = serializers.CharField()


class Me(APIView):
    """`GET|PATCH me/`"""

    @extend_schema(responses=MeSerializer, tags=["me"])
    def get(self, request: Request) -> Response:
        """Who you are and what you prefer."""
        return Response(_me(request))

    @extend_schema(request=PreferencesSerializer, responses=MeSerializer, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Change what is given, leave the rest."""
        given = PreferencesSerializer(data=only(request, PreferencesSerializer().fields))
        given.is_valid(raise_exception=True)
        preferences.change(person(request), by=actors.of(request), **given.validated_data)
        return Response(_me(request))


class OneFavourite(APIView):
    """`PUT|DELETE me/favourites/{code}/`"""

    @extend_schema(request=None, responses={204: None}, tags=["me"])
    def put(self, request: Request, code: str) -> Response:
        """Keep a row of the board at hand."""
        only(request)
        favourites.add(person(request), code)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None}, tags=["me"])
    def delete(self, request: Request, code: str) -> Response:
        """Let it go."""
        favourites.remove(person(request), code)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Tokens(APIView):
    """`GET|POST tokens/`, from the site only."""

    permission_classes = [IsAuthenticated, tokens.SessionOnly]

    @extend_schema(responses=page_of(TokenSerializer), tags=["me"])
    def get(self, request: Request) -> Response:
        """Your valid tokens, newest first."""
        return Response(whole(TokenSerializer(tokens.of(person(request)), many=True).data))

    @extend_schema(request=NewTokenSerializer, responses={201: IssuedTokenSerializer}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Make a token; its text is in this answer and never again."""
        step_up.check_recent(request._request)
        wanted = NewTokenSerializer(data=only(request, NewTokenSerializer().fields))
        wanted.is_valid(raise_exception=True)
        by = actors.of(request)
        token, text = tokens.issue(person(request), by=by, **wanted.validated_data)
        return Response(TokenSerializer(token).data | {"token": text}, status.HTTP_201_CREATED)


class OneToken(APIView):
    """`DELETE tokens/{id}/`, from the site only."""

    permission_classes = [IsAuthenticated, tokens.SessionOnly]

    @extend_schema(responses={204: None}, tags=["me"])
    def delete(self, request: Request, public_id: UUID) -> Response:
        """End a token at once."""
        tokens.revoke(person(request), public_id, by=actors.of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _me(request: Request) -> dict[str, Any]:
    user = person(request)
    return {
        "id": str(user.public_id),
        "username": user.username,
        "email": user.email,
        "email_confirmed": addresses.confirmed(user) is not None,
        **asdict(preferences.of(user)),
        "favourites": sorted(favourites.codes(user)),
    }
