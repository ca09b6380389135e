"""What may a person fill in on the portfolio's pages?"""

from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator

from market import catalog
from portfolio import reasons
from portfolio.history import Filter
from portfolio.models import JournalEntry

OUT_OF_ORDER = "The first day is after the last, so nothing is listed."
UNREADABLE = (
    "A filter could not be read; choose from the lists, and days as 2026-10-30. Nothing is listed."
)


class HistoryFilter(forms.Form):
    """Narrows the history; every field may stay empty."""

    kind = forms.ChoiceField(
        label="What", required=False, choices=[("", "Everything"), *JournalEntry.Kind.choices]
    )
    currency = forms.ChoiceField(label="Currency", required=False)
    since = forms.DateField(
        label="From day", required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label="To day",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        validators=[MaxValueValidator(date.max - timedelta(days=1))],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        codes = [(one.code, one.code) for one in catalog.currencies()]
        self.fields["currency"].choices = [("", "All"), *codes]  # type: ignore[attr-defined]

    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput()
    )

    def clean(self) -> dict[str, object]:
        """Days in their order."""
        given: dict[str, object] = super().clean() or {}
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("since", forms.ValidationError(OUT_OF_ORDER, code="order"))
        return given

    @property
    def complaint(self) -> str:
        """Why nothing is listed."""
        return OUT_OF_ORDER if self.has_error("since", "order") else UNREADABLE

    def wanted(self) -> Filter:
        """The filter that was filled in, without the fields that could not be read."""
        self.is_valid()
        given = self.cleaned_data
        return Filter(
            kind=given.get("kind") or "",
            currency=given.get("currency") or "",
            since=given.get("since"),
            until=given.get("until"),
        )

    def start(self) -> int | None:
        """The entry number after which the page begins; None for the newest."""
        self.is_valid()
        return self.cleaned_data.get("before")

    def address(self, **changed: object) -> str:
        """The query of the same filter, with something changed."""
        self.is_valid()
        kept = {name: value for name, value in self.cleaned_data.items() if value}
        return urlencode({name: value for name, value in (kept | changed).items() if value})


class KeyForm(forms.Form):
    """A button that counts once: its key was made with the page."""

    key = forms.RegexField(r"^[\x21-\x7e]{1,128}$")


class OpenForm(KeyForm):
    """A new virtual account."""

    name = forms.CharField(max_length=60)


class CorrectionForm(forms.Form):
    """Which entry staff want undone, and why."""

    entry_id = forms.UUIDField(
        label="Entry", help_text="Its id, as the journal and receipts show it."
    )
    reason = forms.CharField(
        label="Why", max_length=reasons.LENGTH_MAX, help_text="Kept with the entry for ever."
    )
