"""Which policy do pages carry?"""

import pytest
from django.http import HttpResponse
from django.test import Client

from core import policy
from market import fast
from tests.tidy.tree import PROJECT
from tradingsite.staticfiles import Files

SITE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; report-uri /csp-reports/"
)


@pytest.mark.django_db
def test_a_page_carries_the_policy_of_the_site(client: Client) -> None:
    assert client.get("/about/").headers["Content-Security-Policy"] == SITE


def test_the_native_answers_carry_it_too() -> None:
    assert policy.of_site() == SITE


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/about/", "/api/v1/currencies/", "/nowhere/", "/readyz"])
def test_every_answer_says_what_browsers_shall_refuse(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(
        headers["Permissions-Policy"].split(", ")
    )


def test_the_native_answers_have_the_same_headers() -> None:
    native = {name.decode(): value.decode() for name, value in fast.security_headers()}
    assert native.items() >= {key.lower(): text for key, text in policy.beside().items()}.items()


def headers_of(path: str) -> dict[str, str]:
    """What a file of the browser is sent with."""
    files = Files(lambda _request: HttpResponse())
    served = files.get_static_file(str(PROJECT / "static" / path), f"/static/{path}")
    return dict(served.get_response("GET", {}).headers)


@pytest.mark.filterwarnings("ignore:No directory")
def test_a_picture_opened_by_itself_runs_nothing() -> None:
    headers = headers_of("img/favicon.svg")
    assert headers["Content-Security-Policy"] == SITE
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.filterwarnings("ignore:No directory")
def test_a_script_which_is_no_page_carries_no_policy() -> None:
    assert "Content-Security-Policy" not in headers_of("js/palette.js")
