"""How do feeds, schedule and failures stand in Unfold's tables? Headers, and rows of cells."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.http import HttpRequest
from django.template.loader import render_to_string

from core import clock
from portfolio.stopping import Stopped
from tradingsite.operations.beat import Job
from tradingsite.operations.failures import Failure
from tradingsite.operations.feeds import OFF, STANDS_IN, Feed
from tradingsite.templatetags import figures

Table = dict[str, list[Any]]
FEEDS = [
    *("Source", "State", "Last answer", "Newest price"),
    *("Accepted", "Refused", "Refused, last hour", "Last problem"),
]
JOBS = ["Name", "Task", "Last run", "Next run", "Late by"]
LABELS = {OFF: "", STANDS_IN: "info"}  # for states that are neither well nor ill
STOPS = ["From", "By", "Why", "Until"]
FAILURES = ["Task", "Arguments", "Failed", "Why", "Once more"]


def feeds(found: Sequence[Feed]) -> Table:
    """One row a source; its state with a colour and a word."""
    rows = [
        [
            *(one.title, _state(one), _age(one.answered_at), _age(one.priced_at)),
            *(intcomma(count) for count in (one.accepted, one.refused, one.refused_lately)),
            one.problem or "-",
        ]
        for one in found
    ]
    return {"headers": FEEDS, "rows": rows}


def schedule(jobs: Sequence[Job]) -> Table:
    """One row a job, the latest first."""
    rows = [
        [job.name, job.task, _when(job.last_run_at, "never"), _next(job), _late(job)]
        for job in jobs
    ]
    return {"headers": JOBS, "rows": rows}


def failed(failures: Sequence[Failure], request: HttpRequest) -> Table:
    """One row a failure; with a button for superusers."""
    rows = [
        [one.task, one.arguments, _when(one.failed_at, "-"), one.error, _button(one, request)]
        for one in failures
    ]
    return {"headers": FAILURES, "rows": rows}


def stops(found: Sequence[Stopped]) -> Table:
    """One row a time in which no money moved, the newest first."""
    rows = [[_moment(one.began_at), one.by, one.reason, _moment(one.ended_at)] for one in found]
    return {"headers": STOPS, "rows": rows}


def _state(feed: Feed) -> str:
    kind = "danger" if not feed.is_well else LABELS.get(feed.state, "success")
    return _label(feed.state, kind)


def _label(text: str, kind: str) -> str:
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": kind})


def _age(at: datetime | None) -> str:
    return figures.age(at) if at else "never"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "it lasts"


def _when(at: datetime | None, never: str) -> str:
    return str(naturaltime(at)) if at else never


def _next(job: Job) -> str:
    if not job.enabled:
        return "switched off"
    is_due = job.next_run_at and job.next_run_at <= clock.now()
    return "now" if is_due else _when(job.next_run_at, "soon")


def _late(job: Job) -> str:
    return _label(f"{job.late.total_seconds():,.0f} s", "danger") if job.late else "on time"


def _button(failure: Failure, request: HttpRequest) -> str:
    if not getattr(request.user, "is_superuser", False):
        return ""
    return render_to_string("admin/_send_again.html", {"failure": failure}, request)
