"""What does a new person find? The one synchronous call up the floors: their virtual account."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.adapter import AccountAdapter
from accounts.models import User
from portfolio import trading_accounts


class WelcomeAdapter(AccountAdapter):
    """allauth's adapter of this site."""

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Make sure of the grant, then sign in.

        At every sign-in, not at sign-up alone: a crash in between, or a person made on the command
        line, then ends with the same one grant.
        """
        trading_accounts.ensure_virtual(user=user)
        return super().post_login(request, user, **kwargs)
