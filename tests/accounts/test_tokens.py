"""Do personal tokens do what they say, and nothing more?"""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts import tokens
from accounts.models import Token, User
from core import clock
from core.errors import Code, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    user = User.objects.create_user("alice", "alice@example.org", "a long pass phrase")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def request_with(header: str, method: str = "get") -> Request:
    return Request(getattr(APIRequestFactory(), method)("/", headers={"Authorization": header}))


def test_a_token_is_stored_as_a_digest_only(alice: User) -> None:
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    row = str(Token.objects.values().get(pk=token.pk))
    assert text not in row
    assert len(text) >= 43
    assert token.digest == tokens.digest(text)


def test_a_token_signs_its_owner_in(alice: User) -> None:
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    found = tokens.TokenAuthentication().authenticate(request_with(f"Bearer {text}"))
    assert found == (alice, token)


def test_it_leaves_other_kinds_of_authorization_alone() -> None:
    assert tokens.TokenAuthentication().authenticate(request_with("Basic YTpi")) is None


@pytest.mark.parametrize("text", ["", "nonsense", "ts_r_ü", "x" * 5000])
def test_it_refuses_an_unknown_token(text: str) -> None:
    with pytest.raises(AuthenticationFailed):
        tokens.TokenAuthentication().authenticate(request_with(f"Bearer {text}"))


def test_it_refuses_a_revoked_token(alice: User) -> None:
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    tokens.revoke(alice, token.public_id)
    with pytest.raises(Refused) as refused:
        tokens.find(text)
    assert refused.value.code == Code.NOT_SIGNED_IN


def test_it_refuses_a_token_after_its_last_day(alice: User) -> None:
    _, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    with clock.frozen(clock.now() + timedelta(days=90, seconds=1)), pytest.raises(Refused):
        tokens.find(text)


def test_it_refuses_the_token_of_a_person_who_was_switched_off(alice: User) -> None:
    _, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(Refused):
        tokens.find(text)


def test_it_refuses_a_token_without_a_verified_address() -> None:
    bob = User.objects.create_user("bob", "bob@example.org", "a long pass phrase")
    with pytest.raises(Refused) as refused:
        tokens.issue(bob, name="Sheet", scopes=["read"])
    assert refused.value.code == Code.FORBIDDEN
    assert not Token.objects.exists()


def test_it_refuses_the_eleventh_token(alice: User) -> None:
    for number in range(10):
        tokens.issue(alice, name=f"Sheet {number}", scopes=["read"])
    with pytest.raises(Refused) as refused:
        tokens.issue(alice, name="One more", scopes=["read"])
    assert refused.value.code == Code.TOO_MANY
    assert len(tokens.of(alice)) == 10


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", ["read"], 90),
        ("x" * 61, ["read"], 90),
        ("a\nb", ["read"], 90),
        ("Sheet", [], 90),
        ("Sheet", ["trade-real"], 90),
        ("Sheet", ["read"], 0),
        ("Sheet", ["read"], 367),
        ("Sheet", ["read"], True),
    ],
)
def test_it_refuses_a_token_made_of_bad_parts(
    alice: User, name: str, scopes: list[str], days: int
) -> None:
    with pytest.raises(Refused) as refused:
        tokens.issue(alice, name=name, scopes=scopes, days=days)
    assert refused.value.code == Code.MALFORMED
    assert not Token.objects.exists()


def test_nobody_revokes_the_token_of_another(alice: User) -> None:
    token, _ = tokens.issue(alice, name="Sheet", scopes=["read"])
    bob = User.objects.create_user("bob", "bob@example.org", "a long pass phrase")
    for public_id in (token.public_id, uuid4()):
        with pytest.raises(Refused) as refused:
            tokens.revoke(bob, public_id)
        assert refused.value.code == Code.NOT_FOUND
    assert tokens.of(alice) == [token]


def test_its_last_use_is_noted_once_a_minute(alice: User) -> None:
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    start = clock.now()
    for seconds, noted in ((0, 0), (30, 0), (61, 61)):
        with clock.frozen(start + timedelta(seconds=seconds)):
            tokens.find(text)
        token.refresh_from_db()
        assert token.last_used_at == start + timedelta(seconds=noted)


@pytest.mark.parametrize(
    ("scopes", "method", "allowed"),
    [
        (["read"], "get", True),
        (["read"], "post", False),
        (["trade-virtual"], "get", False),
        (["trade-virtual"], "post", True),
    ],
)
def test_a_token_may_do_what_its_scopes_say(
    alice: User, scopes: list[str], method: str, allowed: bool
) -> None:
    token, text = tokens.issue(alice, name="Sheet", scopes=scopes)
    request = request_with(f"Bearer {text}", method)
    request.auth = token
    if allowed:
        assert tokens.HasScope().has_permission(request, object())
    else:
        with pytest.raises(Refused) as refused:
            tokens.HasScope().has_permission(request, object())
        assert refused.value.code == Code.SCOPE_MISSING
