"""What surrounds every endpoint? Refusals before anything is read, and JSON for every failure."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import render_to_string

from core.api.refusal import WORDS, as_json, broken
from core.api.strict_json import BODY_BYTES_MAX, is_storable, too_large
from core.errors import STATUS, Code, Refused

API = "/api/"
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
OF_STATUS = {STATUS[code]: (code, message) for code, message in WORDS.values()}
UNREADABLE = Refused(Code.MALFORMED, "The address holds bytes that are no text.")
NO_SLASH = Refused(Code.NOT_FOUND, "There is nothing at this address; ours end with a slash.")
READING = ("GET", "HEAD", "OPTIONS")  # without the slash they are redirected

NO_SUCH_METHOD = Refused(Code.METHOD_NOT_ALLOWED, "No address here answers this method.")
IN_THE_CLEAR = Refused(
    Code.FORBIDDEN, "Ask over https. A secret that was sent just now is known: revoke it."
)


class ApiFrame:
    """Middleware: refuses unreadable addresses and large bodies; a net under the API's failures.

    What fails outside REST framework and `tradingsite/faults.py` arrives here as HTML.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`, or refuse it before anything reads it."""
        is_api = is_for_api(request)
        refused = self.refusal(request)
        if refused is None:
            response = self.get_response(request)
            return self.in_shape(response) if is_api else self.seen(response)
        return as_json(refused) if is_api else self.as_page(refused)

    def refusal(self, request: HttpRequest) -> Refused | None:
        """Why the request is not even looked at; None for nearly all."""
        path = request.path_info
        if request.method not in METHODS:
            return NO_SUCH_METHOD
        if not is_storable(path) or not _is_text(request):
            return UNREADABLE
        if settings.SECURE_SSL_REDIRECT and is_for_api(request) and not request.is_secure():
            return IN_THE_CLEAR
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > BODY_BYTES_MAX:
            return too_large()
        is_lost = request.method not in READING and not path.endswith("/")
        return NO_SLASH if is_lost and is_for_api(request) else None

    def as_page(self, refused: Refused) -> HttpResponseBase:
        """The refusal for a person."""
        if refused is UNREADABLE:
            raise BadRequest(refused.message)
        if refused is NO_SUCH_METHOD:
            return self.seen(HttpResponseNotAllowed(sorted(METHODS)))
        return HttpResponse(render_to_string("413.html"), status=refused.status)

    def seen(self, response: HttpResponseBase) -> HttpResponseBase:
        """`response`, or a page for the 405 that Django answers with nothing on it."""
        if response.status_code == 405 and isinstance(response, HttpResponse):
            response.content = render_to_string("405.html").encode()
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def in_shape(self, response: HttpResponseBase) -> HttpResponseBase:
        """`response`, or its failure in the API's shape where it is not JSON."""
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json or not isinstance(response, HttpResponse):
            return response
        if response.status_code >= 500:
            return broken()
        return as_json(Refused(*OF_STATUS.get(response.status_code, OF_STATUS[400])))


def is_for_api(request: HttpRequest) -> bool:
    """Whether a program asks, who gets JSON whatever happens."""
    return request.path_info.startswith(API)


def _is_text(request: HttpRequest) -> bool:
    """Whether path and query are UTF-8, the query without NUL, once their escapes are undone.

    In the path as it is handed over, U+FFFD stands in place of what is not.
    """
    sent = getattr(request, "scope", {}).get("raw_path") or b""
    try:
        unquote_to_bytes(sent).decode()
        query = unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode()
    except UnicodeError:
        return False
    return is_storable(query)
