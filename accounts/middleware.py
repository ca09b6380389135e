"""What happens around every request of a person? The staff's door, time, Redis being away."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from redis import RedisError

from accounts import preferences, second_factor, sessions
from accounts.people import person
from accounts.second_factor import Door
from core.errors import Broken

Answer = Callable[[HttpRequest], HttpResponseBase]
STAFF_PAGES = "/admin/"
CODES_PAGES = "/accounts/2fa/recovery-codes/"
ACCOUNT_PAGES = ("/accounts/", "/settings/")


class StaffDoor:
    """Lets only staff with a second factor in this session see the staff's pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or lead the person through what is missing."""
        if not request.path.startswith(STAFF_PAGES):
            return self.get_response(request)
        match second_factor.staff_door(request):
            case Door.OPEN:
                return self.get_response(request)
            case Door.NOT_STAFF:
                raise PermissionDenied
            case Door.SIGN_IN:
                return _first(request, "account_login")
            case Door.ENROL:
                messages.warning(request, "Staff pages need a second factor. Set one up here.")
                return HttpResponseRedirect(reverse("mfa_index"))
            case Door.PROVE:
                return _first(request, "mfa_reauthenticate")


class WholePages:
    """Leads a stranger who asked for a part or sent a form back to its page, once signed in.

    A script would follow the redirect and put the sign-in page where the part belongs; a browser
    would ask for the form's own address afterwards, which shows nothing.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; where it is the way to sign in, let it end on a whole page."""
        response = self.get_response(request)
        if "Location" not in response.headers:
            return response
        sign_in = reverse("account_login")
        if not response.headers["Location"].startswith(f"{sign_in}?next="):
            return response
        is_part = request.headers.get("HX-Request") == "true"
        came_from = request.headers.get("HX-Current-URL" if is_part else "Referer", "")
        page = urlsplit(came_from).path
        if not is_part and (request.method in ("GET", "HEAD") or not page):
            return response
        onwards = urlencode({"ended": 1, "next": page if page.startswith("/") else "/"})
        if is_part:
            return HttpResponse(status=204, headers={"HX-Redirect": f"{sign_in}?{onwards}"})
        return HttpResponseRedirect(f"{sign_in}?{onwards}")


class SessionUse:
    """Notes when a session was last used."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, having noted the use."""
        if request.user.is_authenticated:
            sessions.note_use(request)
        return self.get_response(request)


class Private:
    """Keeps what a signed-in person sees out of every cache, shared or not."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say whose it is where the page does not."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class OwnTime:
    """Shows every time of a page in the zone the person has chosen."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in that zone."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(preferences.of(request.user).time_zone):
            return self.get_response(request)


class ClearRefusals:
    """Says so where tries cannot be counted, or recovery codes not be read."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """A page with 503 where Redis is absent; with 409 where the seed of codes is lost."""
        if isinstance(exception, Broken) and request.path.startswith(CODES_PAGES):
            user = person(request)
            second_factor.note_lost(request, user, second_factor.with_codes(user)[1])
            return render(request, "mfa/recovery_codes/lost.html", status=HTTPStatus.CONFLICT)
        if not isinstance(exception, RedisError) or not request.path.startswith(ACCOUNT_PAGES):
            return None
        status = HTTPStatus.SERVICE_UNAVAILABLE
        response = render(request, "account/closed.html", status=status)
        response["Retry-After"] = "5"
        return response


def _first(request: HttpRequest, page: str) -> HttpResponseRedirect:
    onwards = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse(page)}?{onwards}")
