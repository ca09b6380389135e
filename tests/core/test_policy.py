"""Which policy do pages carry?"""

import pytest
from django.test import Client

from core import policy

SITE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.django_db
def test_a_page_carries_the_policy_of_the_site(client: Client) -> None:
    assert client.get("/about/").headers["Content-Security-Policy"] == SITE


def test_the_native_answers_carry_it_too() -> None:
    assert policy.of_site() == SITE
