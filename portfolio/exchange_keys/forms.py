"""What does a person fill in to entrust us with a key? Nothing of it is ever shown again."""

from typing import Any

from django import forms

from portfolio import credentials
from portfolio.models import Mode

QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class Unsaid(forms.Textarea):
    """A field that comes back empty from a form that was not accepted."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Without what was typed."""
        return super().get_context(name, None, attrs)


class ExchangeKeyForm(forms.Form):
    """A key of an exchange."""

    venue = forms.ChoiceField(
        label="Exchange",
        choices=[(one.name, one.title) for one in credentials.VENUES.values()],
        initial="binance",
    )
    mode = forms.ChoiceField(
        label="Money",
        choices=[(Mode.SANDBOX.value, "Sandbox"), (Mode.REAL.value, "Real money")],
        help_text="Of these exchanges only Binance has a sandbox.",
    )
    label = forms.CharField(max_length=60, widget=forms.TextInput(QUIET))
    key = forms.CharField(
        label="API key",
        max_length=credentials.KEY_MAX,
        widget=forms.PasswordInput(QUIET | {"autocomplete": "new-password"}),
    )
    secret = forms.CharField(
        label="API secret",
        max_length=credentials.SECRET_MAX,
        widget=Unsaid(QUIET | {"rows": 3, "class": "w-full mono"}),
        help_text="Also called private key. It is sealed here and never shown again.",
    )

    def wish(self) -> credentials.Wish:
        """The key of a valid form."""
        return credentials.Wish(**self.cleaned_data)
