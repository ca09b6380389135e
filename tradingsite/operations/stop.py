"""The console's page on which an administrator stops all money, or lets it move again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import actors, step_up
from accounts.people import person
from core.errors import PlatformError
from portfolio import reasons, stopping
from tradingsite.operations import tables

PAGE = "admin:stop"
DONE = {"stop": "All money is stopped.", "resume": "Money moves again."}
ALREADY = "It was so already."


class StopForm(forms.Form):
    """A wish with its reason."""

    wish = forms.ChoiceField(choices=[(name, name) for name in DONE])
    reason = forms.CharField(
        max_length=reasons.LENGTH_MAX,
        widget=UnfoldAdminTextInputWidget,
        help_text=f"At least {reasons.LENGTH_MIN} characters; staff and the audit trail see it.",
    )
    told = forms.CharField(
        label="What people read",
        required=False,
        max_length=reasons.LENGTH_MAX,
        widget=UnfoldAdminTextInputWidget,
        help_text="May be left empty; stands on people’s pages while the stop lasts.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Whether money moves, the button, and earlier stops."""
    lacking, form = step_up.missing(request), StopForm(request.POST or None)
    if request.method == "POST":
        if not person(request).is_superuser:
            raise PermissionDenied
        if lacking:
            messages.error(request, lacking.words)
            return redirect(lacking.address(back_to=PAGE))
        if form.is_valid() and _did(request, form):
            return redirect(PAGE)
    now = stopping.current()
    told = {
        "title": "Stop all money",
        "now": now,
        "wish": "resume" if now else "stop",
        "variant": "primary" if now else "danger",
        "wanted": form,
        "lacking": lacking,
        "lacking_at": lacking.address(back_to=PAGE) if lacking else "",
        "earlier": tables.stops(stopping.recent()),
    }
    return TemplateResponse(request, "admin/stop.html", frame | told)


def _did(request: HttpRequest, form: StopForm) -> bool:
    wish, reason = form.cleaned_data["wish"], form.cleaned_data["reason"]
    try:
        by, actor = person(request), actors.of(request)
        if wish == "stop":
            told = form.cleaned_data["told"]
            turned = stopping.stop(reason=reason, by=by, actor=actor, told=told)
        else:
            turned = stopping.resume(reason=reason, by=by, actor=actor)
    except PlatformError as error:
        form.add_error(error.details.get("field"), error.message)
        return False
    messages.success(request, DONE[wish] if turned else ALREADY)
    return True
