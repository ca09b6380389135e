"""How often may a person ask for money to move? Pages and API count together."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.people import person
from core.api.throttles import MoneyThrottle, seconds_to_wait

View = Callable[..., HttpResponse]


def limited(view: View) -> View:
    """A view of a signed-in person that answers 429 beyond the API's limit for money."""

    @wraps(view)
    def paced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        caller = f"{MoneyThrottle.scope}:person:{person(request).pk}"
        wait_s = seconds_to_wait(caller, MoneyThrottle.limit)
        if not wait_s:
            return view(request, *args, **kwargs)
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(wait_s)
        return response

    return paced
