"""The pages of money: convert, portfolio, receipts, and the accounts a person looks at."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actors, preferences
from accounts.people import person
from core.api.streamed import Streamed
from core.errors import Refused
from market import catalog
from portfolio import (
    conversion_quotes,
    corrections,
    defaults,
    desk,
    freezing,
    history,
    ledger,
    offer,
    rate_history,
    receipts,
    shares,
    statement,
    ticket,
    trading_accounts,
    valuation,
)
from portfolio.forms import CorrectionForm, HistoryFilter, KeyForm, OpenForm
from portfolio.models import TradingAccount
from portfolio.throttle import limited

RECENT = 6
STATES = {
    "proposed": "Proposed. Another member of staff has to agree.",
    "posted": "Undone. The entry’s opposite is in the books.",
    "rejected": "Rejected. Nothing has moved.",
}


@require_safe
@login_required
def convert(request: HttpRequest) -> HttpResponse:
    """The ticket, with balances, the pair's past and what was converted lately."""
    return _convert_page(request, request.GET, {})


@require_POST
@login_required
@limited
def quote(request: HttpRequest) -> HttpResponse:
    """Hold a rate for what the ticket says: a fragment, or the whole page without scripts."""
    try:
        asked = ticket.asked(request.POST)
        made = conversion_quotes.make(
            user=person(request),
            account_id=asked.account_id,
            from_code=asked.ticket.from_code,
            to_code=asked.ticket.to_code,
            amount=asked.ticket.amount,
            fixed_side=asked.ticket.fixed_side,
        )
    except Refused as refusal:
        return _answer(request, "_refusal", {"refusal": refusal}, status=refusal.status)
    return _answer(request, "_quote", {"offer": offer.of(made)})


@require_safe
@login_required
def quote_gone(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """That rate has gone: what it would be now, as an indication."""
    with theirs():
        gone = conversion_quotes.get(person(request), quote_id)
    told = {"gone": offer.gone(gone), "quote_seconds": gone.lifetime_s}
    return render(request, "portfolio/_gone.html", told)


@require_POST
@login_required
@limited
def accept(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Convert at the held rate, once; the same key again changes nothing."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return render(request, "400.html", status=400)
    try:
        done = conversion_quotes.accept(
            user=person(request),
            quote_id=quote_id,
            key=form.cleaned_data["key"],
            request_hash=_fingerprint(request),
            actor=actors.of(request),
        )
    except Refused as refusal:
        return _not_accepted(request, refusal, quote_id)
    messages.success(request, _converted(done))
    _look_at(request, done.quote.account)
    pair = f"?from={done.quote.from_currency_id}&to={done.quote.to_currency_id}"
    return redirect(reverse("convert") + pair)


@require_safe
@login_required
def pair_past(request: HttpRequest) -> HttpResponse:
    """The chart beside the ticket, for another pair."""
    base = _base(request)
    filled = ticket.read(request.GET, base=base, held=base)
    told = {"past": rate_history.of(filled.from_code, filled.to_code)}
    return render(request, "portfolio/_past.html", told)


@require_safe
@login_required
def portfolio(request: HttpRequest) -> HttpResponse:
    """What the account holds, what it is worth, and everything that happened in it."""
    user, account = person(request), _account(request)
    filters = HistoryFilter(request.GET)
    worth = valuation.value(account, _base(request))
    page = history.page(account, filters.wanted(), before=filters.start())
    holdings = shares.of(worth)
    told = {
        "account": account,
        "accounts": trading_accounts.of(user),
        "accounts_max": defaults.VIRTUAL_ACCOUNTS_MAX,
        "open_key": uuid4(),
        "valuation": worth,
        "holdings": holdings,
        "slices": shares.slices(holdings),
        "bases": catalog.bases(),
        "filters": filters,
        "page": page,
        "query": filters.address(before=None),
        "older": page.older and f"?{filters.address(before=page.older)}#history",
        "newest": filters.start() and f"?{filters.address(before=None)}#history",
    }
    status = 200 if filters.is_valid() else 400
    return render(request, "portfolio/portfolio.html", told, status=status)


@require_safe
@login_required
def export_history(request: HttpRequest) -> Streamed | HttpResponse:
    """The filtered history as CSV; nothing where a filter cannot be read."""
    account, filters = _account(request), HistoryFilter(request.GET)
    if not filters.is_valid():
        return render(request, "400.html", status=400)
    pieces = statement.pieces(account, **filters.wanted().as_arguments())
    response = Streamed(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="history-{account.public_id}.csv"'
    return response


@require_safe
@login_required
def receipt(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """One entry with its terms, lines and sources; made to be printed."""
    with theirs():
        found = receipts.of(person(request), entry_id)
    return render(request, "portfolio/receipt.html", {"receipt": found, "account": found.account})


@require_POST
@login_required
@limited
def open_account(request: HttpRequest) -> HttpResponse:
    """One more virtual account, shown from now on."""
    form = OpenForm(request.POST)
    if not form.is_valid():
        messages.error(request, "An account needs a name of at most 60 characters.")
        return redirect("portfolio")
    work = partial(trading_accounts.open_virtual, name=form.cleaned_data["name"])
    return _opened(request, form, work, said="is open.")


@require_POST
@login_required
def choose_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Look at another account from now on."""
    with theirs():
        account = desk.choosable(person(request), account_id)
    return _show(request, account, f"You are looking at {account.name}.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@limited
def reset_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Ask first, then close the account and open a new one with a new grant."""
    with theirs():
        account = desk.choosable(person(request), account_id)
    if request.method != "POST":
        told = {"account": account, "grant": defaults.GRANT, "key": uuid4()}
        return render(request, "portfolio/reset.html", told)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return render(request, "400.html", status=400)
    work = partial(trading_accounts.reset, account_id=account.public_id)
    return _opened(request, form, work, said="starts over.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def freeze(request: HttpRequest) -> HttpResponse:
    """Say what a freeze does, and stop every movement of money when that is wanted."""
    if request.method != "POST":
        return render(request, "portfolio/freeze.html")
    if freezing.freeze(person(request), by=actors.of(request)):
        get_adapter().send_notification_mail("mail/account_frozen", person(request))
        messages.success(request, "Your account is frozen. Nothing moves until you unfreeze it.")
    return redirect("freeze")


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def unfreeze(request: HttpRequest) -> HttpResponse:
    """Let money move again, for somebody who has just shown who they are."""
    if freezing.unfreeze(person(request), by=actors.of(request)):
        get_adapter().send_notification_mail("mail/account_unfrozen", person(request))
        messages.success(request, "Your account is unfrozen.")
    return redirect("freeze")


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    """What staff undid, and one more wish. The staff's door stands in front of this address."""
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            by, actor = person(request), actors.of(request)
            row = corrections.propose(**form.cleaned_data, by=by, actor=actor)
            messages.success(request, STATES[row.state])
            return redirect("corrections")
        except Refused as refusal:
            form.add_error(None, refusal.message)
    told = {"form": form, "corrections": corrections.newest()}
    return render(request, "portfolio/corrections.html", told)


@require_POST
def decide(request: HttpRequest, correction_id: UUID, *, agreed: bool) -> HttpResponse:
    """Agree to a correction, or say no."""
    work = corrections.approve if agreed else corrections.reject
    try:
        row = work(correction_id, by=person(request), actor=actors.of(request))
        messages.success(request, STATES[row.state])
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("corrections")


@contextmanager
def theirs() -> Iterator[None]:
    """What is not this person's is not there."""
    try:
        yield
    except Refused as refusal:
        raise Http404 from refusal


def _opened(
    request: HttpRequest,
    form: OpenForm | KeyForm,
    work: Callable[..., trading_accounts.Opening],
    *,
    said: str,
) -> HttpResponse:
    """Show the account that `work` opens from now on, or say why there is none."""
    try:
        opening = work(
            user=person(request),
            key=form.cleaned_data["key"],
            request_hash=_fingerprint(request),
            actor=actors.of(request),
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("portfolio")
    return _show(request, opening.account, f"{opening.account.name} {said}")


def _convert_page(
    request: HttpRequest,
    fields: Any,
    told: dict[str, Any],
    *,
    shown_for: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; from now on of the account `shown_for`, where the person has it open."""
    account = _account(request, shown_for)
    worth = valuation.value(account, _base(request))
    filled = ticket.read(fields, base=worth.currency, held=ticket.most_held(worth))
    page = {
        "account": account,
        "ticket": filled,
        "valuation": worth,
        "available": ledger.available(account, filled.from_code),
        "currencies": catalog.currencies(),
        "choices": ticket.choices(worth),
        "past": rate_history.of(filled.from_code, filled.to_code),
        "recent": history.recent_conversions(account, RECENT),
        "quote_seconds": preferences.of(request.user).quote_seconds,
        "prices": ticket.prices(filled.from_code, filled.to_code),
    }
    return render(request, "portfolio/convert.html", page | told, status=status)


def _answer(
    request: HttpRequest, part: str, told: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The part of the ticket that scripts put in place, or the page with it."""
    if request.headers.get("HX-Request"):
        return render(request, f"portfolio/{part}.html", told, status=status)
    shown_for = request.POST.get("account")
    return _convert_page(request, request.POST, told, shown_for=shown_for, status=status)


def _not_accepted(request: HttpRequest, refusal: Refused, quote_id: UUID) -> HttpResponse:
    with theirs():
        account = conversion_quotes.get(person(request), quote_id).account
    told = {"refusal": refusal, "refusal_title": "The conversion was not made"}
    shown_for = str(account.public_id)
    return _convert_page(request, request.POST, told, shown_for=shown_for, status=refusal.status)


def _converted(done: conversion_quotes.Acceptance) -> str:
    return format_html(
        '<strong class="font-semibold">Converted.</strong> You received {} in “{}”.'
        ' <a class="lnk" href="{}">Receipt</a>',
        offer.received(done.quote),
        done.quote.account.name,
        reverse("receipt", args=[done.entry.public_id]),
    )


def _show(request: HttpRequest, account: TradingAccount, said: str) -> HttpResponse:
    _look_at(request, account)
    messages.success(request, said)
    back = request.POST.get("next", "")
    own = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(back, own, require_https=request.is_secure())
    return redirect(back if is_ours and back.startswith("/") else "portfolio")


def _look_at(request: HttpRequest, account: TradingAccount) -> None:
    request.session[desk.SESSION_KEY] = str(account.public_id)


def _account(request: HttpRequest, shown_for: str | None = None) -> TradingAccount:
    account = desk.chosen(person(request), shown_for, request.session.get(desk.SESSION_KEY))
    if shown_for:
        _look_at(request, account)
    return account


def _base(request: HttpRequest) -> str:
    asked = request.GET.get("base", "").upper()
    return asked if asked in catalog.bases() else preferences.of(request.user).base_currency


def _fingerprint(request: HttpRequest) -> str:
    """What tells this form from another one sent under the same key."""
    asked = f"{request.method} {request.path} {request.POST.get('name', '')}"
    return hashlib.sha256(asked.encode()).hexdigest()
