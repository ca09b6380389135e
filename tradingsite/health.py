"""Is the house fit to serve? `/healthz` (this process), `/readyz` (all of it), `/metrics`.

`/readyz` answers 200 `ready`, 200 `degraded` (some prices are stale, some source silent) or 503
`not_ready`, with what is wrong in plain words, how old the data are and how far beat and publisher
lag, in seconds. What machines said of a trouble is told on this machine only. `/metrics` is for
staff, and for programs on this machine that come without a proxy in between; for everybody else
it does not exist.
"""

from ipaddress import ip_address

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from accounts import second_factor
from accounts.second_factor import Door
from tradingsite import gauges  # noqa: F401 - registers the house's figures
from tradingsite.examination import examine

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers; `market/fast.py` says the same where it stands before Django."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """All that people depend on, and what is wrong with it."""
    found = examine()
    words = str if _is_at_home(request) else _without_detail
    body = {
        "status": found.status,
        "checks": {name: words(trouble) or "ok" for name, trouble in found.troubles.items()},
        "feeds": found.feeds,
        "prices": found.prices,
        "age_s": {name: _rounded(age_s) for name, age_s in found.ages_s.items()},
        "lag_s": {part: _rounded(lag_s) for part, lag_s in found.lags_s.items()},
    }
    return JsonResponse(body, status=503 if found.status == "not_ready" else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus; raises Http404 for those who may not see them."""
    if not may_see_metrics(request):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def may_see_metrics(request: HttpRequest) -> bool:
    """Staff who have shown their second factor, or a program on this very machine."""
    return _is_at_home(request) or second_factor.staff_door(request) is Door.OPEN


def _is_at_home(request: HttpRequest) -> bool:
    """Whether a program of this machine asks. A forwarded request came from somewhere else."""
    is_direct = not any(name in request.headers for name in FORWARDED)
    return is_direct and ip_address(request.META["REMOTE_ADDR"] or "::").is_loopback


def _without_detail(trouble: str) -> str:
    sentence, colon, _ = trouble.partition(":")
    return f"{sentence}." if colon else trouble


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
