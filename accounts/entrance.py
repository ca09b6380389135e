"""What do people fill in to sign in and to open an account? allauth's forms, and our choices."""

import re
from typing import Any

from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm, SignupForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import addresses, leaving, preferences, second_factor, sessions
from accounts.models import User
from market import catalog

USERNAME_VALIDATORS = [
    RegexValidator(
        re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z"),
        message="Letters A to Z, digits, dots, dashes and underscores; a letter or digit first.",
    ),
    RegexValidator(
        re.compile(rf"\A{leaving.PREFIX}", re.IGNORECASE),
        message="Names that begin like this are kept for accounts that were deleted.",
        inverse_match=True,
    ),
]
THINK_IN = ("USD", "EUR", "GBP", "CHF")


class Unprompted(forms.Form):
    """A label says what a field is for; a placeholder that repeats it is noise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Unprompted, LoginForm):  # type: ignore[misc]
    """A username or an e-mail address, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}

    def _login_with_password(
        self, request: HttpRequest, redirect_url: str | None, credentials: dict[str, Any]
    ) -> HttpResponse:
        response: HttpResponse = super()._login_with_password(request, redirect_url, credentials)
        if isinstance(request.user, User):
            sessions.begin(request, request.user)  # allauth has just set its own length
        return response


class SignUpForm(Unprompted, SignupForm):  # type: ignore[misc]
    """Address, username, password, and the currency the person thinks in."""

    base_currency = forms.ChoiceField(
        label="Think in", choices=[(code, code) for code in THINK_IN], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["placeholder"] = "you@example.org"

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the person with their address, or neither."""
        try:
            with transaction.atomic():
                saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
                return saved
        except IntegrityError:  # somebody else took the name while this form was checked
            messages.error(request, "That username was taken a moment ago. Choose another.")
            return None, redirect("account_signup")

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep the choice; the default needs no row."""
        code = self.cleaned_data["base_currency"]
        if code in catalog.bases() and code != preferences.DEFAULTS.base_currency:
            preferences.change(user, base_currency=code)


class ResetForm(Unprompted, ResetPasswordForm):  # type: ignore[misc]
    """The address of an account whose password is forgotten."""

    def clean_email(self) -> str:
        """One account for one address, and the letter goes to the address as it is stored.

        As typed it may differ: the Kelvin sign, for one, becomes an ordinary k in lower case.
        """
        email = str(self.cleaned_data["email"]).lower()
        owner = addresses.owner_of(email)
        self.users = [owner] if owner and owner.is_active else []
        return email


class NewAddressForm(Unprompted, AddEmailForm):  # type: ignore[misc]
    """Another address, which takes over once it is confirmed."""


class AsksForCode(Unprompted):
    """A page that asks for a code and nothing else: one may type at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"autocomplete": "one-time-code", "autofocus": True}


class TurnOnAppForm(AsksForCode, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a code app, which has digits only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def clean_code(self) -> str:
        """The code, used up by this: allauth would take it once more at the next sign-in."""
        code = str(super().clean_code())
        app = TOTP(Authenticator(user=self.user))
        if not app._mark_code_used(code):
            raise second_factor.SecondFactorAdapter().validation_error("incorrect_code")
        return code


class CodeForm(AsksForCode, BaseAuthenticateForm):  # type: ignore[misc]
    """A code, checked against every factor that can still be read.

    allauth would break off at the first lost secret, and shut out whoever has recovery codes.
    """

    def clean_code(self) -> str:
        """The code, used up by this."""
        forgive = check_rate_limit(self.user)
        code = str(self.cleaned_data["code"])
        readable, lost = second_factor.with_codes(self.user)
        if lost:
            second_factor.note_lost(context.request, self.user, lost)
        for factor in readable:
            if factor.wrap().validate_code(code):
                factor.user, self.authenticator = self.user, factor
                forgive()
                return code
        if readable:
            self._emit_authentication_failed(readable[0])
        why = f"lost_{lost[0].type}" if lost else "incorrect_code"
        raise second_factor.SecondFactorAdapter().validation_error(why)


class SignInCodeForm(CodeForm, AuthenticateForm):  # type: ignore[misc]
    """The code after the password."""


class ShowAgainCodeForm(CodeForm, ReauthenticateForm):  # type: ignore[misc]
    """The code of whoever shows again who they are."""
