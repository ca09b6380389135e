"""The board page and the pages about the site: they hand the rooms below plain values."""

from http import HTTPStatus
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import actors, audit, browsers, favourites, preferences, step_up
from accounts.forms import LeaveForm
from accounts.people import person
from core.errors import Refused
from market import catalog
from market.studies import STUDIES
from portfolio import closing, stopping
from tradingsite import contributors, estimate, leaving, rates
from tradingsite import instrument as instruments

BASE_COOKIE = "__Host-base" if settings.SECURE else "base"
YEAR_S = 365 * 24 * 3600
PART = "HX-Request"  # a page's own script asks for a part of it


@require_safe
@login_required
@never_cache
def stop_notice(request: HttpRequest) -> HttpResponse:
    """What open pages show while no money moves; empty otherwise."""
    stop = stopping.notice()
    if stop is None:
        return HttpResponse()
    return render(request, "components/_stopped.html", {"frame": {"stop": stop}})


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board: readable without scripts, streaming with them."""
    asked = request.GET.get("base", "")
    base = base_of(request, asked)
    page = rates.page(
        base,
        favourites=favourites.codes(request.user),
        wanted=request.GET.get("q", "").strip()[:40],
    )
    told = {
        "page": page,
        "query": request.GET.get("q", ""),
        "calculator": _worked_out(request.GET) if "side" in request.GET else estimate.first(base),
        "voices": _voices(request, base) or contributors.of(base, page.first_code),
    }
    response = render(request, "rates/board.html", told)
    if asked.upper() == base:
        response.set_cookie(
            BASE_COOKIE, base, max_age=YEAR_S, samesite="Lax", httponly=True, secure=settings.SECURE
        )
    return response


@require_safe
@vary_on_headers(PART)
def calculator(request: HttpRequest) -> HttpResponse:
    """The calculator's answer to what was typed: a part of the board page, or on it."""
    if PART not in request.headers:
        return _on_board(request, "calculator-title")
    return render(request, "rates/_calculator.html", {"calculator": _worked_out(request.GET)})


@require_safe
@vary_on_headers(PART)
def sources(request: HttpRequest) -> HttpResponse:
    """The sources of one row: a part of the board page, or on it."""
    if PART not in request.headers:
        return _on_board(request, "sources-title")
    told = _voices(request, base_of(request, request.GET.get("base", "")))
    return render(request, "rates/_sources.html", {"voices": told})


@require_safe
def all_instruments(request: HttpRequest) -> HttpResponse:
    """Every listed instrument, with its price."""
    return render(request, "instrument/index.html", {"groups": instruments.index()})


@require_safe
def instrument(request: HttpRequest, symbol: str) -> HttpResponse:
    """One instrument; the page of a pair named the wrong way round is its inverse's."""
    settings = preferences.of(request.user).chart
    asked = request.GET.get("interval", "")
    try:
        page = instruments.page(symbol, asked=asked, settings=settings)
    except Refused:
        turned = instruments.inverse(symbol)
        if turned is None:
            raise Http404 from None
        return redirect("instrument", turned, permanent=True)
    told = {
        "page": page,
        "settings": settings,
        "studies": STUDIES.values(),
        "study_catalog": instruments.study_list(),
        "favourite": page.favourite_code in favourites.codes(request.user),
        "canonical": request.build_absolute_uri(f"/instruments/{page.pair.symbol}/"),
    }
    return render(request, "instrument/instrument.html", told)


def base_of(request: HttpRequest, asked: str) -> str:
    """The base to show: asked for, the person's own, the last one looked at, USD."""
    own = preferences.of(request.user).base_currency
    preferred = own if own != preferences.DEFAULTS.base_currency else ""
    for code in (asked, preferred, request.COOKIES.get(BASE_COOKIE, ""), own):
        if code.upper() in catalog.bases():
            return code.upper()
    return catalog.HUB


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: the public pages."""
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """The icon, for browsers that look where it used to be."""
    return redirect(static("img/favicon.svg"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def leave(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, and delete the account for somebody who types their name."""
    user, status = person(request), HTTPStatus.OK
    is_sent = request.method == "POST"
    if is_sent and (lacking := step_up.missing_recent(request)):
        return redirect(lacking.address(back_to="leave"))
    form = LeaveForm(request.POST if is_sent else None, person=user)
    if is_sent and form.is_valid():
        try:
            return _goodbye(request, leaving.leave(user, by=actors.of(request)))
        except Refused as refusal:
            form.add_error(None, refusal.message)
            status = HTTPStatus(refusal.status)
    told = {"form": form, "holding": closing.holding(user), "veiled": audit.veiled(user.email)}
    return render(request, "accounts/delete.html", told, status=status)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, what it is not, where rates come from and what the marks mean."""
    return render(request, "legal/about.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of use."""
    return render(request, "legal/terms.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored about a person, and for how long."""
    asked = urlsplit(settings.BREACHES_URL).hostname
    return render(request, "legal/privacy.html", {"breaches_asked_of": asked})


def _goodbye(request: HttpRequest, gone: leaving.Farewell) -> HttpResponse:
    """Nobody is signed in any more; the old address gets a letter."""
    user = person(request)
    request.session.flush()
    request.user = AnonymousUser()
    if gone.address:
        values = {"username": gone.username}
        get_adapter().send_mail("mail/account_deleted", gone.address, values)
    messages.success(request, "Your account is deleted.")
    response = redirect("board")
    browsers.forget(request, response, user)
    return response


def _on_board(request: HttpRequest, place: str) -> HttpResponse:
    """What was asked for, with the page around it."""
    return redirect(f"{reverse('board')}?{request.GET.urlencode()}#{place}")


def _worked_out(asked: QueryDict) -> estimate.Calculator:
    side = "to" if asked.get("side") == "to" else "from"
    return estimate.of(
        from_code=asked.get("from", "")[:12],
        to_code=asked.get("to", "")[:12],
        side=side,
        amount=asked.get("get" if side == "to" else "have", "")[:40],
    )


def _voices(request: HttpRequest, base: str) -> contributors.Voices | None:
    return contributors.of(base, request.GET.get("code", "")[:12])
