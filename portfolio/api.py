"""Money for programs: trading accounts, balances, entries, quotes and their acceptance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actors, preferences
from accounts.models import User
from core.api import (
    AddressThrottle,
    MoneyThrottle,
    NewestFirst,
    UserThrottle,
    idempotency_key,
    only,
    request_hash,
)
from core.api.schema import PAGE_PARAMETERS, key_parameter, page_of
from core.api.streamed import Streamed
from core.errors import Code, Refused
from portfolio import (
    answers,
    conversion_quotes,
    ledger,
    schema,
    statement,
    trading_accounts,
    valuation,
)
from portfolio.models import JournalEntry, Mode

REPLAYED = {"Idempotent-Replayed": "true"}
FILTERS = [
    OpenApiParameter("kind", str, enum=JournalEntry.Kind.values, description="Of this kind alone."),
    OpenApiParameter("currency", str, description="Entries that moved this currency."),
    OpenApiParameter("since", datetime, description="From this moment on."),
    OpenApiParameter("until", datetime, description="Before this moment."),
]


class MoneyView(APIView):
    """Signed in, within the limits of money requests."""

    throttle_classes = [UserThrottle, MoneyThrottle, AddressThrottle]


class Accounts(MoneyView):
    """`GET|POST trading-accounts/`"""

    @extend_schema(
        responses=page_of(schema.AccountSerializer), parameters=PAGE_PARAMETERS, tags=["accounts"]
    )
    def get(self, request: Request) -> Response:
        """The caller's accounts, closed ones too, newest first."""
        pages = NewestFirst()
        rows = pages.pages(trading_accounts.all_of(person(request)), request)
        return pages.get_paginated_response([answers.account(row) for row in rows])

    @extend_schema(
        request=schema.NewAccountSerializer,
        responses={201: schema.AccountSerializer, 200: schema.AccountSerializer},
        parameters=[key_parameter(required=True)],
        tags=["accounts"],
    )
    def post(self, request: Request) -> Response:
        """Open one more virtual account with its own grant; 200 when the key is repeated."""
        key = required_key(request)
        only(request, schema.NewAccountSerializer().fields)
        if text(request, "mode") != Mode.VIRTUAL:
            raise Refused(Code.FORBIDDEN, "Only virtual accounts can be opened here.")
        opened = trading_accounts.open_virtual(
            user=person(request),
            name=text(request, "name"),
            key=key,
            request_hash=request_hash(request),
            actor=actors.of(request),
        )
        return created(answers.opening(opened.account), replayed=opened.replayed)


class OneAccount(MoneyView):
    """`GET trading-accounts/{id}/`"""

    @extend_schema(responses=schema.AccountSerializer, tags=["accounts"])
    def get(self, request: Request, account_id: UUID) -> Response:
        """One account, open or closed."""
        return Response(answers.account(trading_accounts.get(person(request), account_id)))


class Balances(MoneyView):
    """`GET trading-accounts/{id}/balances/`"""

    @extend_schema(
        responses=schema.BalancesSerializer,
        parameters=[OpenApiParameter("base", str, description="Default: the caller's own.")],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """Every currency ever held, and what all of them are worth at mid."""
        account = trading_accounts.get(person(request), account_id)
        base = request.query_params.get("base") or preferences.of(person(request)).base_currency
        return Response(answers.valuation(valuation.value(account, base)))


class Entries(MoneyView):
    """`GET trading-accounts/{id}/entries/`"""

    @extend_schema(
        responses=page_of(schema.EntrySerializer),
        parameters=[*FILTERS, *PAGE_PARAMETERS],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """The account's journal, newest first."""
        account = trading_accounts.get(person(request), account_id)
        pages = NewestFirst()
        rows = pages.pages(ledger.entries(account, **filters(request)), request)
        return pages.get_paginated_response([answers.entry(row) for row in rows])


class Statement(MoneyView):
    """`GET trading-accounts/{id}/statement/`"""

    @extend_schema(responses={(200, "text/csv"): str}, parameters=FILTERS, tags=["accounts"])
    def get(self, request: Request, account_id: UUID) -> Streamed:
        """The account's journal as CSV, one row per posting, newest first."""
        account = trading_accounts.get(person(request), account_id)
        return Streamed(
            statement.pieces(account, **filters(request)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{statement.name(account)}"'},
        )


class Reset(MoneyView):
    """`POST trading-accounts/{id}/reset/`"""

    @extend_schema(
        request=None,
        responses={201: schema.AccountSerializer, 200: schema.AccountSerializer},
        parameters=[key_parameter(required=True)],
        tags=["accounts"],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        """Close a virtual account and open a new one with a fresh grant; answers the new one."""
        only(request)
        opened = trading_accounts.reset(
            key=required_key(request),
            user=person(request),
            account_id=account_id,
            request_hash=request_hash(request),
            actor=actors.of(request),
        )
        return created(answers.opening(opened.account), replayed=opened.replayed)


class Quotes(MoneyView):
    """`POST conversion-quotes/`"""

    @extend_schema(
        request=schema.QuoteWishSerializer,
        responses={201: schema.QuoteTermsSerializer, 200: schema.QuoteTermsSerializer},
        parameters=[key_parameter(required=False)],
        tags=["conversions"],
    )
    def post(self, request: Request) -> Response:
        """A firm rate, kept for some seconds; nothing moves, and nothing is set aside."""
        wanted = wish(request)
        key = idempotency_key(request, required=False)
        if key is None:
            quote = conversion_quotes.make(user=person(request), **wanted)
            return created(answers.quote(quote, state="open"), replayed=False)
        made = conversion_quotes.make_once(
            key=key, request_hash=request_hash(request), user=person(request), **wanted
        )
        return created(answers.quote(made.quote, state="open"), replayed=made.replayed)


class OneQuote(MoneyView):
    """`GET conversion-quotes/{id}/`"""

    @extend_schema(responses=schema.QuoteTermsSerializer, tags=["conversions"])
    def get(self, request: Request, quote_id: UUID) -> Response:
        """One quote and whether it is open, accepted or expired."""
        quote = conversion_quotes.get(person(request), quote_id)
        return Response(answers.quote(quote, state=conversion_quotes.state(quote)))


class Accept(MoneyView):
    """`POST conversion-quotes/{id}/accept/`"""

    @extend_schema(
        request=None,
        responses=schema.EntrySerializer,
        parameters=[key_parameter(required=True)],
        tags=["conversions"],
    )
    def post(self, request: Request, quote_id: UUID) -> Response:
        """Convert at exactly the quote's terms, once; answers with the journal entry."""
        only(request)
        accepted = conversion_quotes.accept(
            key=required_key(request),
            user=person(request),
            quote_id=quote_id,
            request_hash=request_hash(request),
            actor=actors.of(request),
        )
        headers = REPLAYED if accepted.replayed else None
        return Response(answers.entry(accepted.entry), headers=headers)


def person(request: Request) -> User:
    """The signed-in caller."""
    return cast(User, request.user)


def required_key(request: Request) -> str:
    """The Idempotency-Key; raises Refused `idempotency_key_missing` or `malformed`."""
    return cast(str, idempotency_key(request))


def created(body: dict[str, Any], *, replayed: bool) -> Response:
    """201 with what was made, or 200 with what was made the first time."""
    return Response(body, status=200, headers=REPLAYED) if replayed else Response(body, status=201)


def text(request: Request, name: str, *, default: str | None = None) -> str:
    """A text of the body. Raises Refused `malformed` where it is missing or no text."""
    value = cast(Mapping[str, Any], request.data).get(name, default)
    if not isinstance(value, str):
        raise Refused(Code.MALFORMED, f"`{name}` is missing or not text.", field=name)
    return value


def wish(request: Request) -> dict[str, Any]:
    """What the body of a quote asks for."""
    body = only(request, schema.QuoteWishSerializer().fields)
    if "amount" not in body:
        raise Refused(Code.MALFORMED, "`amount` is missing.", field="amount")
    return {
        "account_id": trading_accounts.id_of(text(request, "account")),
        "from_code": text(request, "from"),
        "to_code": text(request, "to"),
        "amount": body["amount"],
        "fixed_side": text(request, "fixed_side", default="from"),
    }


def filters(request: Request) -> dict[str, Any]:
    """What the query narrows a history to. Raises Refused `malformed` for a bad time or kind."""
    query = request.query_params
    kind = query.get("kind")
    if kind is not None and kind not in JournalEntry.Kind.values:
        raise Refused(Code.MALFORMED, f"`kind` is one of {', '.join(JournalEntry.Kind.values)}.")
    return {
        "kind": kind or "",
        "currency": query.get("currency", "").upper(),
        "since": moment(query.get("since")),
        "until": moment(query.get("until")),
    }


def moment(given: str | None) -> datetime | None:
    """A moment with its zone. Raises Refused `malformed`."""
    if given is None:
        return None
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused(Code.MALFORMED, "A time reads 2026-03-02T12:00:00Z.")
    return found
