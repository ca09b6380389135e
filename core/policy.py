"""What may a page load and do? The policies every answer carries, always in one order."""

from collections.abc import Callable, Mapping

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "Content-Security-Policy"


class InOrder(CSPMiddleware):
    """django-csp's middleware, whose sets would give every process a header of its own."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """`response` with its policy in the order of the settings."""
        answered: HttpResponseBase = super().process_response(request, response)
        if HEADER in answered.headers:
            answered.headers[HEADER] = in_order(answered.headers[HEADER])
        return answered


class Beside:
    """Middleware: the policies of a page's device, its neighbours and its reports."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with `beside` in the headers."""
        response = self.get_response(request)
        for name, value in beside().items():
            response.headers.setdefault(name, value)
        return response


def beside() -> Mapping[str, str]:
    """The headers that stand beside the content security policy, the same on every answer."""
    headers = {
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    reports = settings.REPORTING_ENDPOINTS
    return headers | ({"Reporting-Endpoints": reports} if reports else {})


def of_site() -> str:
    """The policy of every page but those that state their own."""
    return in_order(build_policy())


def in_order(policy: str) -> str:
    """The directives of `policy` as the settings list them, unknown ones last."""
    names = list(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])

    def place(directive: str) -> int:
        name = directive.split(" ", 1)[0]
        return names.index(name) if name in names else len(names)

    return "; ".join(sorted(policy.split("; "), key=place))
