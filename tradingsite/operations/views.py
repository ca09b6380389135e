"""The operations page of the console: queues, schedule, failures, feeds, backups, books."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from accounts import actors, audit
from core.errors import Refused
from tradingsite.operations import failures, overview, tables

PAGE = "admin:operations"


@require_safe
def page(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Everything an operator wants to know at a glance."""
    now = overview.now()
    told = {
        "title": "Operations",
        "now": now,
        "failures": tables.failed(now.failures, request),
        "feeds": tables.feeds(now.feeds),
        "schedule": tables.schedule(now.jobs),
    }
    return TemplateResponse(request, "admin/operations.html", frame | told)


@require_POST
def send_again(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Send a failed task once more; superusers only."""
    if not request.user.is_superuser:
        raise PermissionDenied
    try:
        name = failures.again(failure_id)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        audit.note("sent a task again", by=actors.of(request), thing=f"task:{name}")
        messages.success(request, f"{name} was sent again.")
    return redirect(PAGE)
