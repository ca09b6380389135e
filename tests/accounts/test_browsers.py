"""Does a browser that several people use know each of them, for as long as each is there?"""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts import browsers
from accounts.models import User
from tests.accounts.people import make

pytestmark = pytest.mark.django_db
COOKIE = settings.KNOWN_BROWSER_COOKIE


def next_request(rf: RequestFactory, response: HttpResponse) -> HttpRequest:
    """What the browser sends after this answer."""
    if kept := response.cookies[COOKIE].value:
        rf.cookies[COOKIE] = kept
    else:
        rf.cookies.pop(COOKIE, None)
    return rf.get("/")


def shared(rf: RequestFactory, *people: User) -> HttpRequest:
    """A request of a browser in which these people have signed in."""
    request: HttpRequest = rf.get("/")
    for person in people:
        response = HttpResponse()
        browsers.remember(request, response, person)
        request = next_request(rf, response)
    return request


def test_it_knows_everybody_who_signed_in_there(rf: RequestFactory) -> None:
    alice, bob, charlie = make("alice"), make("bob"), make("charlie")
    request = shared(rf, alice, bob)
    assert browsers.known(request, alice)
    assert browsers.known(request, bob)
    assert browsers.known(request, charlie) is None


def test_who_is_forgotten_takes_no_other_mark_along(rf: RequestFactory) -> None:
    alice, bob = make("alice"), make("bob")
    request, response = shared(rf, alice, bob), HttpResponse()
    browsers.forget(request, response, alice)
    request = next_request(rf, response)
    assert browsers.known(request, alice) is None
    assert browsers.known(request, bob)


def test_the_last_who_is_forgotten_takes_the_cookie_along(rf: RequestFactory) -> None:
    alice = make("alice")
    request, response = shared(rf, alice), HttpResponse()
    browsers.forget(request, response, alice)
    assert response.cookies[COOKIE].value == ""
