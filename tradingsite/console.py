"""Where does the admin console stand? One site behind its own content security policy."""

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe
from unfold.sites import UnfoldAdminSite

from tradingsite.operations import stop, views

# Unfold's Alpine evaluates attributes and writes style elements; no inline script is allowed.
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
FORMS = ["GET", "HEAD", "POST"]
TAKING_FORMS = {"changelist_view", "add_view", "change_view", "delete_view", "logout"}


class Console(UnfoldAdminSite):  # type: ignore[misc]
    """The console; who may enter is decided by the sign-in and its second factor."""

    enable_nav_sidebar = True
    index_title = "Dashboard"

    def get_urls(self) -> list[Any]:
        """The pages of registered models, and those about the house."""
        page = self.framed(lambda request: views.page(request, self.each_context(request)))
        stop_page = self.framed(lambda request: stop.page(request, self.each_context(request)))
        again = self.framed(views.send_again)
        return [
            path("operations/", page, name="operations"),
            path("stop/", stop_page, name="stop"),
            path("operations/failures/<int:failure_id>/again/", again, name="send_again"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On to the dashboard: who gets here has signed in, and by the site's own page alone.

        Django's form would let staff in as others, uncounted and without a second factor.
        """
        return redirect("admin:index")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On to the site's own page, which tells the person by mail."""
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002
        """Pages that come with Django answer whatever is not POST as GET: here they refuse it."""
        takes_forms = getattr(view, "__name__", "") in TAKING_FORMS
        allowed = require_http_methods(FORMS) if takes_forms else require_safe
        return self.framed(allowed(view), cacheable=cacheable)

    def framed(self, view: Callable[..., Any], *, cacheable: bool = False) -> Callable[..., Any]:
        """Every page of the console is for staff and carries the console's policy."""
        page: Callable[..., Any] = csp_replace(POLICY)(super().admin_view(view, cacheable))
        return page
