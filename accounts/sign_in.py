"""Which account is meant, and is the password right? The same work whether it exists or not."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower

from accounts import addresses
from accounts.models import User


def account_of(login: str) -> User | None:
    """The account a typed username or e-mail address means, in any case."""
    login = login.strip()
    owner = addresses.owner_of(login) if "@" in login else None
    named = User.objects.annotate(key=Lower("username")).filter(key=login.lower()).first()
    return owner or named


def login_in(credentials: dict[str, Any]) -> str:
    """What was typed to name the account."""
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()


def same_work(password: str) -> None:
    """Spend what checking a password costs, for a try that is refused unseen."""
    make_password(password)


class OneAccount(AuthenticationBackend):  # type: ignore[misc]
    """Finds one account for a login and hashes exactly once; its parent hashes for unknown ones."""

    def _authenticate(self, request: object, **credentials: Any) -> User | None:
        found = account_of(login_in(credentials))
        user: User | None = self._check_password(found, credentials["password"])
        return user
