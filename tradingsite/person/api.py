"""Stop everything, take everything along, leave for good: what the pages do, for programs.

A token may stop what it trades with. Everything else here asks for the browser's session, and what
hands out or ends something asks who is there again; the refusal says where that is shown.
"""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actors, browsers, protection, step_up, takeouts
from accounts.models import Takeout, User
from accounts.people import person
from accounts.tokens import SessionOnly
from core.api import AddressThrottle, UserThrottle, only
from core.api.fields import Moment, Text
from core.api.streamed import Streamed
from core.errors import Code, Refused
from portfolio import freezing
from tradingsite import leaving


class FrozenSerializer(serializers.Serializer[Any]):
    """What rests."""

    frozen_at = Moment(allow_null=True, help_text="While it is set, no money of yours moves.")
    real_held_until = Moment(allow_null=True, help_text="Until then real trading rests.")


class ExportSerializer(serializers.Serializer[Any]):
    """A file with everything that is yours."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Takeout.State.values)
    asked_at = Moment()
    expires_at = Moment()
    size = serializers.IntegerField(allow_null=True, help_text="In bytes, once it is ready.")


class FarewellSerializer(serializers.Serializer[Any]):
    """The word that says you mean it."""

    username = Text(max_length=150, help_text="Your own.")


class FewFiles(UserThrottle):
    """3 files a minute."""

    scope = "takeout"
    limit = 3

    def caller(self, request: Request) -> str | None:
        """Who asks for a file; looking is not counted."""
        return super().caller(request) if request.method == "POST" else None


class Freeze(APIView):
    """`GET|POST me/freeze/`"""

    @extend_schema(responses=FrozenSerializer, tags=["me"])
    def get(self, request: Request) -> Response:
        """Whether your money rests."""
        return _frozen(person(request))

    @extend_schema(request=None, responses=FrozenSerializer, tags=["me"])
    def post(self, request: Request) -> Response:
        """Stop every movement of your money; a token needs `trade-virtual`."""
        only(request)
        if freezing.freeze(person(request), by=actors.of(request)):
            get_adapter().send_notification_mail("mail/account_frozen", person(request))
        return _frozen(person(request))


class Unfreeze(APIView):
    """`POST me/unfreeze/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(request=None, responses=FrozenSerializer, tags=["me"])
    def post(self, request: Request) -> Response:
        """Let money move again; needs a recent sign-in."""
        step_up.check_recent(request._request)
        only(request)
        if freezing.unfreeze(person(request), by=actors.of(request)):
            get_adapter().send_notification_mail("mail/account_unfrozen", person(request))
        return _frozen(person(request))


class Exports(APIView):
    """`POST me/exports/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]
    throttle_classes = [UserThrottle, AddressThrottle, FewFiles]

    @extend_schema(request=None, responses={202: ExportSerializer}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Have a file made with everything that is yours; needs a recent sign-in."""
        step_up.check_recent(request._request)
        only(request)
        row = takeouts.begin(person(request), by=actors.of(request))
        return Response(_told(row), status.HTTP_202_ACCEPTED)


class OneExport(APIView):
    """`GET me/exports/{id}/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(responses=ExportSerializer, tags=["me"])
    def get(self, request: Request, export_id: UUID) -> Response:
        """Whether the file is ready; ask again after a second or two."""
        return Response(_told(takeouts.get(person(request), export_id)))


class ExportFile(APIView):
    """`GET me/exports/{id}/file/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(responses={(200, "application/zip"): bytes}, tags=["me"])
    def get(self, request: Request, export_id: UUID) -> Streamed:
        """The zip; needs a recent sign-in. 503 `not_ready` while it is being made."""
        row = takeouts.get(person(request), export_id)
        step_up.check_recent(request._request)
        headers = {"Content-Disposition": 'attachment; filename="tradingsite-data.zip"'}
        pieces = takeouts.hand_out(row, by=actors.of(request))
        headers["Content-Length"] = str(row.size)
        return Streamed(pieces, content_type="application/zip", headers=headers)


class Delete(APIView):
    """`POST me/delete/`, from the site only."""

    permission_classes = [IsAuthenticated, SessionOnly]

    @extend_schema(request=FarewellSerializer, responses={204: None}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Delete your account: needs a recent sign-in, and the second factor where there is one."""
        user = person(request)
        step_up.refuse(step_up.missing_recent(request._request))
        given = FarewellSerializer(data=only(request, FarewellSerializer().fields))
        given.is_valid(raise_exception=True)
        if given.validated_data["username"] != user.username:
            raise Refused(Code.MALFORMED, "That is not your username.", field="username")
        gone = leaving.leave(user, by=actors.of(request))
        request._request.session.flush()
        if gone.address:
            values = {"username": gone.username}
            get_adapter().send_mail("mail/account_deleted", gone.address, values)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        browsers.forget(request._request, response, user)
        return response


def _frozen(user: User) -> Response:
    return Response(FrozenSerializer(protection.of(user)).data)


def _told(row: Takeout) -> dict[str, Any]:
    return ExportSerializer(takeouts.told(row)).data
