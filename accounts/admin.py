"""People in the console: who they are, what they prefer, their tokens without the secrets."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts import actors, sessions, staff
from accounts.forms import AccessForm
from accounts.models import AuditRecord, Favourite, Preference, Token, User
from core.console import Endless, FewFields, ReadOnly, ReadOnlyLines


class PreferenceLines(ReadOnlyLines):
    """What the person has set."""

    model = Preference
    fields = ("base_currency", "time_zone", "theme", "quote_seconds")


class EmailLines(ReadOnlyLines):
    """The person's addresses."""

    model = EmailAddress
    fields = ("email", "verified", "primary")


class TokenLines(ReadOnlyLines):
    """The person's tokens."""

    model = Token
    fields = ("name", "start", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")


@admin.register(User)
class UserConsole(FewFields):
    """People; an admin gives and takes roles, but never their own."""

    form = AccessForm
    editable = ("is_active", "may_trade", "is_staff", "is_superuser")
    exclude = ("password",)
    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("username", "email")
    ordering = ("-date_joined",)
    inlines = (EmailLines, PreferenceLines, TokenLines)
    filter_horizontal = ()

    fieldsets = (
        (None, {"fields": ("username", "email", "public_id")}),
        ("Access", {"fields": ("is_active", "may_trade", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Admins, and nobody their own row: so there is always one left."""
        return super().has_change_permission(request, obj) and obj != request.user

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        """Store the role and tell of it; who has another one signs in anew."""
        staff.check_still_admin(request.user)
        super().save_model(request, obj, form, change)
        if form.changed_data and isinstance(obj, User):
            sessions.end_others(obj, this_key=None, by=actors.of(request))


@admin.register(Preference)
class PreferenceConsole(ReadOnly):
    """What people prefer."""

    list_display = ("user", "base_currency", "time_zone", "theme", "quote_seconds")
    list_filter = ("base_currency", "theme")
    list_select_related = ("user",)
    search_fields = ("user__username",)


@admin.register(Favourite)
class FavouriteConsole(ReadOnly):
    """Which rows of the board people keep at hand."""

    list_display = ("user", "code")
    list_filter = ("code",)
    list_select_related = ("user",)


@admin.register(Token)
class TokenConsole(ReadOnly):
    """Personal tokens: the digest stays hidden, the text was never kept."""

    exclude = ("digest",)
    list_display = ("user", "name", "start", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "name", "start")


@admin.register(UserSession)
class SessionConsole(ReadOnly):
    """Where people are signed in; the session's key stays hidden."""

    actions = ("sign_out",)
    fields = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__username", "ip")

    @admin.action(description="Sign these browsers out", permissions=["sign_out"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        """End the chosen sessions at once."""
        for row in queryset:
            sessions.end(row.user, row.pk, by=actors.of(request))

    def has_sign_out_permission(self, request: HttpRequest) -> bool:
        """Admins only."""
        return bool(getattr(request.user, "is_superuser", False))


@admin.register(AuditRecord)
class AuditConsole(Endless):
    """What was done here, by whom and from where."""

    list_display = ("id", "at", "event", "actor", "address", "person", "thing")
    list_filter = ("event", "at")
    search_fields = ("=actor", "=person", "=thing")
