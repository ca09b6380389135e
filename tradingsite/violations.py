"""What did a browser refuse to load or run on a page of ours? `/csp-reports/` hears of it.

Anybody may send anything here: it is read strictly, counted under a known name, and logged in
short, without queries or samples of code, which may hold what people typed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api.refusal import as_json
from core.api.strict_json import loads
from core.api.throttles import network_of, seconds_to_wait
from core.errors import Code, Refused
from core.metrics import CSP_REPORTS

BYTES_MAX = 16 * 1024
REPORTS_MAX = 20  # that one request may bring
PER_MINUTE = 30  # requests of one network
TEXT_MAX = 200
OTHER = "other"
EXTENSION = re.compile(r"[a-z-]+-extension\b")  # of the browser's: no code of ours
UNREADABLE = Refused(Code.MALFORMED, "This is no report of a content security policy.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing refused: by which directive, what, on which page, asked for where."""

    directive: str
    blocked: str
    page: str
    source: str


@csrf_exempt  # a browser sends reports by itself, without a token; they change nothing
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """Count and log; 204, or a refusal: 400 `malformed`, 413 `too_large`, 429 `too_many`."""
    try:
        found = violations(admitted(request))
    except Refused as refused:
        return as_json(refused)
    for violation in found:
        CSP_REPORTS.labels(violation.directive).inc()
        log.warning(
            "csp_violation",
            directive=violation.directive,
            blocked=violation.blocked,
            page=violation.page,
            source=violation.source,
        )
    return HttpResponse(status=204)


def admitted(request: HttpRequest) -> bytes:
    """The body, of a network that is within its limit; raises Refused."""
    if wait_s := seconds_to_wait(f"csp:{network_of(request)}", PER_MINUTE):
        raise Refused(Code.TOO_MANY, "Too many reports; the first ones will do.", wait_s=wait_s)
    if len(request.body) > BYTES_MAX:
        raise Refused(Code.TOO_LARGE, f"A report may have {BYTES_MAX // 1024} KB at most.")
    return request.body


def violations(body: bytes) -> list[Violation]:
    """What either form of report tells of our own code; raises Refused `malformed`."""
    told = loads(b'{"told":' + body + b"}")["told"]
    try:
        found = [_violation(one) for one in _bodies(told)]
    except ValueError as error:  # no address, though it stands where one should
        raise UNREADABLE from error
    return [one for one in found if not any(map(EXTENSION.match, (one.blocked, one.source)))]


def _bodies(told: Any) -> Iterator[Mapping[str, Any]]:
    """`report-uri` brings one object, `report-to` a list of them."""
    match told:
        case {"csp-report": dict() as body}:
            yield body
        case list():
            for one in told[:REPORTS_MAX]:
                match one:
                    case {"type": "csp-violation", "body": dict() as body}:
                        yield body
        case _:
            raise UNREADABLE


def _violation(body: Mapping[str, Any]) -> Violation:
    given = _text(body, "effectiveDirective", "effective-directive", "violated-directive")
    directive = given.split(" ")[0].removesuffix("-elem").removesuffix("-attr")
    return Violation(
        directive if directive in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"] else OTHER,
        _without_query(_text(body, "blockedURL", "blocked-uri")),
        urlsplit(_text(body, "documentURL", "document-uri")).path[:TEXT_MAX],
        _without_query(_text(body, "sourceFile", "source-file")),
    )


def _without_query(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(query="", fragment="").geturl()[:TEXT_MAX]


def _text(body: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds text."""
    return next((body[name] for name in names if isinstance(body.get(name), str)), "")
