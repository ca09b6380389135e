"""Pages of the market that are the same for everybody: the news, the coins by market value."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.errors import Refused
from market import catalog, following
from market.news import stories

STORIES_SHOWN = 60


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The latest stories, about one instrument where `?instrument=` names it."""
    asked = request.GET.get("instrument", "")
    try:
        pair = catalog.instrument(asked) if asked else None
    except Refused as unknown:
        raise Http404(unknown.message) from unknown
    told = {
        "pair": pair,
        "stories": stories.recent(pair.symbol if pair else None, STORIES_SHOWN),
        "days_kept": stories.DAYS_KEPT,
    }
    return render(request, "market/news.html", told)


@require_safe
def coins(request: HttpRequest) -> HttpResponse:
    """The coins by market value, and which of them have a price here."""
    told = {
        "coins": following.top(),
        "listed_at": following.listed_at(),
        "followed_max": following.FOLLOWED_MAX,
    }
    return render(request, "market/coins.html", told)
