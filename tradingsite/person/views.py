"""The page on which a person has the file of their data packed, and takes it away."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts import actors, step_up, takeouts
from accounts.people import person
from core.api.streamed import Streamed
from core.api.throttles import seconds_to_wait
from core.errors import Refused
from portfolio.views import theirs
from tradingsite import takeout

PAGE = "take_out"
ASKED = 3  # of one person a minute


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def take_out(request: HttpRequest) -> HttpResponse:
    """Say what is in the file with everything that is theirs, and have it packed."""
    user = person(request)
    if request.method == "POST":
        return _asked(request)
    row = takeouts.latest(user)
    told = {"sections": takeout.SECTIONS, "file": row and takeouts.told(row)}
    return render(request, "accounts/data.html", told)


@require_safe
@login_required
@never_cache
def take_out_state(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """How far the file is: a part of the page, asked for again and again while it is packed."""
    with theirs():
        row = takeouts.get(person(request), export_id)
    return render(request, "accounts/_takeout.html", {"file": takeouts.told(row)})


@require_GET
@login_required
@never_cache
def take_out_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The zip, for somebody who has just shown who they are; the page while there is none."""
    with theirs():
        row = takeouts.get(person(request), export_id)
    if lacking := step_up.missing_recent(request):
        return redirect(lacking.address(back_to=PAGE))
    try:
        pieces = takeouts.hand_out(row, by=actors.of(request))
    except Refused:
        return redirect(PAGE)
    response = Streamed(pieces, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="tradingsite-data.zip"'
    response["Content-Length"] = str(row.size)
    return response


def _asked(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if lacking := step_up.missing_recent(request):
        return redirect(lacking.address(back_to=PAGE))
    if wait_s := seconds_to_wait(f"takeout:{user.pk}", ASKED):
        refused = render(request, "429.html", status=429)
        refused["Retry-After"] = str(wait_s)
        return refused
    takeouts.begin(user, by=actors.of(request))
    return redirect(PAGE)
