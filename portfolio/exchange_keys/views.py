"""The page of exchange keys."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actors, step_up
from accounts.people import person
from core.errors import Refused
from portfolio import credentials
from portfolio.exchange_keys.forms import ExchangeKeyForm
from portfolio.exchange_keys.rows import rows_of, told
from portfolio.throttle import limited
from portfolio.views import theirs


@sensitive_post_parameters("key", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@limited
def exchange_keys(request: HttpRequest) -> HttpResponse:
    """The keys you gave, and one more, for somebody who has just shown who they are."""
    lacking, form = step_up.missing(request), ExchangeKeyForm(request.POST or None)
    if lacking and request.method == "POST":
        return _show_first(request, lacking)
    if request.method == "POST" and form.is_valid():
        try:
            credentials.add(person(request), form.wish(), by=actors.of(request))
            messages.success(request, "Kept. It is being tested with the exchange now.")
            return redirect("exchange_keys")
        except Refused as refusal:
            form.add_error(refusal.details.get("field"), refusal.message)
    page = {"form": form, "rows": rows_of(person(request)), "lacking": lacking}
    if lacking:
        page["lacking_at"] = lacking.address(back_to="exchange_keys")
    return render(request, "portfolio/exchange_keys.html", page)


@require_safe
@login_required
@never_cache
def exchange_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """One line of the list, asked for again and again while the key is being tested."""
    with theirs():
        row = told(credentials.get(person(request), key_id))
    return render(request, "portfolio/_exchange_key.html", {"row": row})


@require_POST
@login_required
@limited
def test_exchange_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Have a key tested once more."""
    with theirs():
        credentials.get(person(request), key_id)
    if lacking := step_up.missing(request):
        return _show_first(request, lacking)
    try:
        credentials.retest(person(request), key_id, by=actors.of(request))
        messages.success(request, "It is being tested with the exchange now.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("exchange_keys")


@require_POST
@login_required
@limited
def revoke_exchange_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Forget a key."""
    with theirs():
        credentials.get(person(request), key_id)
    if lacking := step_up.missing(request):
        return _show_first(request, lacking)
    credentials.revoke(person(request), key_id, by=actors.of(request))
    messages.success(request, "Revoked: its secret is deleted here. Delete it at the exchange too.")
    return redirect("exchange_keys")


def _show_first(request: HttpRequest, lacking: step_up.Missing) -> HttpResponse:
    messages.warning(request, lacking.words)
    return redirect(lacking.address(back_to="exchange_keys"))
