"""The person's settings, and the staff's look into the mail folder."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.views import password_change
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import (
    actors,
    addresses,
    audit,
    mailbox,
    preferences,
    protection,
    recovery_codes,
    roles,
    second_factor,
    sessions,
    step_up,
    tokens,
)
from accounts.forms import PreferenceForm, TokenForm
from accounts.people import person
from core.errors import Refused


@login_required
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """Who you are here."""
    user = person(request)
    page = {"confirmed": addresses.confirmed(user), "unconfirmed": addresses.unconfirmed(user)}
    return render(request, "accounts/profile.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_preferences(request: HttpRequest) -> HttpResponse:
    """What you prefer."""
    user = person(request)
    kept = preferences.of(user)
    current = {name: getattr(kept, name) for name in PreferenceForm.base_fields}
    form = PreferenceForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        preferences.change(user, by=actors.of(request), **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("settings_preferences")
    return render(request, "accounts/preferences.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def show_recovery_codes(request: HttpRequest) -> HttpResponse:
    """How many codes there are; sent as a form, it makes them and shows them this once."""
    codes = recovery_codes.of(person(request))
    if codes is None:
        raise Http404
    raise_if_reauthentication_required(request, app="allauth.mfa")
    if request.method == "POST":
        codes.mark_as_viewed()
    shown = [code for code in codes.get_unused_codes() if code]
    page = {"shown": shown, "are_made": codes.did_view}
    return render(request, "mfa/recovery_codes/index.html", page)


@login_required
@never_cache
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """What protects the account, and where it is open."""
    user = person(request)
    page = {
        "factors": second_factor.of(user),
        "places": sessions.of(user, this_key=request.session.session_key),
        "tokens": tokens.of(user),
        "confirmed": addresses.confirmed(user),
        "events": audit.recent(user),
        "real_held": protection.is_real_held(user),
    }
    return render(request, "accounts/security.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password: the old one is on the form, the second factor is shown before.

    Not by allauth's own asking, which would keep the form with both passwords meanwhile.
    """
    lacking = (
        step_up.missing_recent(request) if second_factor.is_enrolled(person(request)) else None
    )
    if lacking:
        return redirect(lacking.address(back_to="account_change_password"))
    answer: HttpResponse = password_change(request)
    return answer


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def end_session(request: HttpRequest, place_id: int) -> HttpResponse:
    """Sign one browser out."""
    try:
        sessions.end(person(request), place_id, by=actors.of(request))
        messages.success(request, "Signed out there.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("settings_security")


@login_required
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    this_key, by = request.session.session_key, actors.of(request)
    ended = sessions.end_others(person(request), this_key=this_key, by=by)
    messages.success(request, f"Signed out in {ended} other browser{'' if ended == 1 else 's'}.")
    return redirect("settings_security")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def manage_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens you have, and a new one, whose text is shown this once."""
    user = person(request)
    form, page = TokenForm(request.POST or None), {}
    if request.method == "POST" and form.is_valid():
        try:
            token, text = tokens.issue(user, by=actors.of(request), **form.cleaned_data)
            page, form = {"new": token, "text": text}, TokenForm()
            tell_of_token(request, str(token.name), token.scopes)
        except Refused as refusal:
            form.add_error(None, refusal.message)
    page |= {"form": form, "tokens": tokens.of(user), "confirmed": addresses.confirmed(user)}
    return render(request, "accounts/tokens.html", page)


@login_required
@require_POST
def revoke_token(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a token."""
    try:
        tokens.revoke(person(request), public_id, by=actors.of(request))
        messages.success(request, "The token no longer works.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("settings_tokens")


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The letters in the data folder, for administrators: their links open other people's accounts.

    The staff's door stands in front of this address.
    """
    if roles.of(person(request)) is not roles.Role.ADMIN:
        raise PermissionDenied
    if not mailbox.is_used():
        raise Http404
    return render(request, "accounts/mail.html", {"letters": mailbox.newest()})


def tell_of_token(request: HttpRequest, name: str, scopes: list[str]) -> None:
    """Write to the person that a token was made."""
    values = {"token_name": name, "may": ", ".join(scopes)}
    get_adapter().send_notification_mail("mail/token_issued", person(request), values)
