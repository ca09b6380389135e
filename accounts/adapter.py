"""How do allauth's sign-up, sign-in and mail behave here? The rooms decide; this hands over."""

from pathlib import PurePath
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import (
    actors,
    addresses,
    audit,
    browsers,
    devices,
    letters,
    protection,
    sessions,
    sign_in,
    step_up,
    throttle,
)
from accounts.models import User
from core import clock

MISMATCH = (
    "That name and password don’t match. After 5 failed tries sign-in pauses for up to 15 minutes; "
    "a passkey or a new password still lets you in."
)
WITH_OLD_PASSWORD = ("account_change_password", "account_set_password")  # or where there is none


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "incorrect_password": MISMATCH,
        "username_taken": "That username is taken.",
        "unverified_primary_email": "Confirm your e-mail address first.",
        "rate_limited": "Too many tries. Wait a few minutes.",
        "too_many_login_attempts": "Too many wrong codes. Wait up to 15 minutes.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may open an account here."""
        return bool(settings.SIGNUP_OPEN)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person, or None; a try too many looks and costs the same as a wrong password."""
        address = self.get_client_ip(request)
        tries = throttle.Tries(request, sign_in.login_in(credentials), address=address)
        if not tries.allowed:
            if tries.is_news:
                audit.note_failure("sign-in paused", request, tries.account)
            sign_in.same_work(credentials["password"])
            return None
        AuthenticationBackend.unstash_authenticated_user()
        found: Any = authenticate(request, **credentials)
        user: User | None = found or AuthenticationBackend.unstash_authenticated_user()
        if user:
            tries.forgive()
        else:
            audit.note_failure("sign-in failed", request, tries.account)
        return user

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Limit the session, remember the browser, and write to the person if it is a new one."""
        sessions.begin(request, user)
        if kwargs["signup"]:
            record_authentication(request, user, method="password")  # they have just chosen it
        is_new = not kwargs["signup"] and browsers.known(request, user) is None
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sessions.note_how(request, user)
        browsers.remember(request, response, user)
        if is_new:
            self.send_notification_mail("account/email/new_sign_in", user)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within five minutes of a proof, signing in being one too."""
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return required and step_up.missing_recent(self.request) is not None

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """With what people show again who they are: not by password alone who has more than that.

        Whoever holds a stolen session and the password could else take the second factor away.
        """
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] != "reauthenticate"] or ways

    def set_password(self, user: User, password: str) -> None:
        """Store the password and end every other session at once.

        Whoever came by a link in a letter, signed in or not, has not shown the old one: real
        trading rests first.
        """
        by = actors.as_person(user, self.request)
        this_key = self.request.session.session_key if self.request.user == user else None
        page = self.request.resolver_match
        if page is None or page.view_name not in WITH_OLD_PASSWORD:
            protection.hold_real(user, by=by)
        super().set_password(user, password)
        throttle.forget(self.request, user.pk)
        sessions.end_others(user, this_key=this_key, by=by)

    def send_confirmation_mail(
        self,
        request: HttpRequest,
        emailconfirmation: Any,
        signup: bool,  # noqa: FBT001
    ) -> None:
        """The letter with the link; where the address is somebody's already, they learn of it."""
        address: EmailAddress = emailconfirmation.email_address
        if addresses.is_confirmed_elsewhere(address.email, address.user):
            self.send_account_already_exists_mail(address.email)
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """A letter about the account, never to an address that another person has confirmed."""
        email = email or EmailAddress.objects.get_primary_email(user)
        if email and not addresses.is_confirmed_elsewhere(email, user):
            given = (context or {}) | {"username": user.username}
            super().send_notification_mail(template_prefix, user, given, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write and send the letter that belongs to allauth's name for it."""
        if not addresses.is_confirmed(email) and not throttle.may_write_to(self.request, email):
            return
        values = {key: value for key, value in context.items() if isinstance(value, str)}
        values |= {
            "email": email,
            "device": devices.name(self.get_http_user_agent(self.request)),
            "address": self.get_client_ip(self.request),
            "at": f"{clock.now():%d %b %Y %H:%M} UTC",
        }
        if "user" in context:
            values["username"] = context["user"].username
        letters.send(letters.write(PurePath(template_prefix).name, to=email, **values))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The link of a confirmation, at the public address."""
        return _public(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to what protects the account, where the change is already listed."""
        return reverse("settings_security")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a password reset, at the public address."""
        uid, _, token = key.partition("-")
        names = {"uidb36": uid, "key": token}
        return _public(reverse("account_reset_password_from_key", kwargs=names))


def _public(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
