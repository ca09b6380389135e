"""What do people fill in among their settings? Preferences and tokens."""

from typing import Any

from django import forms

from accounts import defaults, preferences
from accounts.models import Preference, Token, User
from market import catalog


class PreferenceForm(forms.Form):
    """What a person prefers."""

    base_currency = forms.ChoiceField(label="Think in")
    time_zone = forms.ChoiceField(label="Time zone")
    theme = forms.ChoiceField(
        label="Appearance",
        choices=[
            (Preference.Theme.SYSTEM.value, "As the system"),
            (Preference.Theme.LIGHT.value, "Light"),
            (Preference.Theme.DARK.value, "Dark"),
        ],
    )
    quote_seconds = forms.TypedChoiceField(
        label="Hold a rate for",
        coerce=int,
        choices=[(seconds, f"{seconds} seconds") for seconds in defaults.QUOTE_SECONDS],
        help_text="How long you have to decide before a conversion rate goes.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = [(c.code, f"{c.code}, {c.name}") for c in catalog.currencies() if c.is_fiat]
        zones = [(zone, zone.replace("_", " ")) for zone in preferences.time_zones()]
        self.fields["base_currency"].choices = currencies  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """The person's own name, typed: nobody deletes an account by a slip."""

    username = forms.CharField(
        label="Type your username",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["username"].help_text = f"It is {person.username}."

    def clean_username(self) -> str:
        """Exactly theirs."""
        typed = str(self.cleaned_data["username"])
        if typed != self.person.username:
            raise forms.ValidationError("That is not your username.")
        return typed


class AccessForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may do here, as the console's switches say it."""

    def clean(self) -> dict[str, Any]:
        """Refuse an admin who is no staff: the console would not open to them."""
        kept: dict[str, Any] = super().clean() or {}
        if kept.get("is_superuser") and not kept.get("is_staff"):
            self.add_error("is_staff", "An admin is staff too.")
        return kept


class TokenForm(forms.Form):
    """A new personal token."""

    name = forms.CharField(
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "Sheet", "autocomplete": "off"}),
        help_text="Where you will use it.",
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[
            (Token.Scope.READ.value, "Read"),
            (Token.Scope.TRADE_VIRTUAL.value, "Trade virtual money"),
        ],
        initial=[Token.Scope.READ.value],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="It lasts",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (365, "One year")],
        initial=defaults.TOKEN_LASTS_DAYS,
    )
