"""How does OpenAPI describe money? The shapes of `answers.py`, and the bodies the API reads."""

from typing import Any

from rest_framework import serializers

from core.api.fields import AmountText, DecimalText, Moment
from portfolio.models import ConversionQuote, Mode

SIDES = ConversionQuote.FixedSide.values


class FromTo(serializers.Serializer[Any]):
    """Two currencies."""

    def get_fields(self) -> dict[str, Any]:
        """The fields with `from` and `to`, which Python cannot name."""
        codes = {"from": serializers.CharField(), "to": serializers.CharField()}
        return super().get_fields() | codes


class AccountSerializer(serializers.Serializer[Any]):
    """A person's pot of money in many currencies."""

    id = serializers.UUIDField()
    mode = serializers.ChoiceField(choices=Mode.values)
    name = serializers.CharField()
    opened_at = Moment()
    closed_at = Moment(allow_null=True)
    frozen_at = Moment(allow_null=True, help_text="While it is set, nothing in it moves.")


class NewAccountSerializer(serializers.Serializer[Any]):
    """What to open."""

    mode = serializers.ChoiceField(choices=[Mode.VIRTUAL.value])
    name = serializers.CharField(max_length=60)


class BalanceSerializer(serializers.Serializer[Any]):
    """One currency of an account; `value` is null where there is no price."""

    currency = serializers.CharField()
    available = DecimalText()
    held = DecimalText()
    total = DecimalText()
    value = DecimalText(allow_null=True)
    value_currency = serializers.CharField()
    rate = DecimalText(allow_null=True, help_text="Units of value_currency per 1 currency, at mid.")
    as_of = Moment(allow_null=True, help_text="When the rate was last answered by its source.")


class BalancesSerializer(serializers.Serializer[Any]):
    """One balance per currency ever held; not `complete` where one has no price."""

    value_currency = serializers.CharField()
    total = DecimalText()
    complete = serializers.BooleanField()
    as_of = Moment(allow_null=True, help_text="The oldest rate in the total.")
    results = BalanceSerializer(many=True)


class SourceSerializer(serializers.Serializer[Any]):
    """What one source said of one instrument in the path."""

    instrument = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    price = DecimalText()
    as_of = Moment()
    used = serializers.BooleanField()
    note = serializers.CharField()


class QuoteTermsSerializer(FromTo):
    """A firm rate with every term; `from` and `to` are currency codes."""

    id = serializers.UUIDField()
    account = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["open", "accepted", "expired"])
    fixed_side = serializers.ChoiceField(choices=SIDES)
    amount_from = DecimalText(help_text="Exactly what is debited, the fee inside.")
    amount_to = DecimalText(help_text="Exactly what is credited.")
    mid = DecimalText(help_text="Units of `to` per 1 `from`.")
    rate = DecimalText(help_text="Mid less the spread, 12 decimals down.")
    all_in_rate = DecimalText(help_text="amount_to / amount_from.")
    spread_bps = DecimalText()
    fee = DecimalText(help_text="In `from`.")
    fee_rate = DecimalText()
    residue = DecimalText(help_text="What rounding leaves to the house, in `to`.")
    path = serializers.ListField(child=serializers.CharField())
    sources = SourceSerializer(many=True)
    price_state = serializers.ChoiceField(choices=["live", "reference"])
    price_reason = serializers.CharField()
    price_as_of = Moment(help_text="The oldest price in the path.")
    simulated = serializers.BooleanField(help_text="Priced on the simulated market.")
    session = serializers.ChoiceField(choices=["day", "night", "weekend"])
    table_version = serializers.CharField(help_text="Of the spread table.")
    created_at = Moment()
    expires_at = Moment()
    entry = serializers.UUIDField(allow_null=True)


class QuoteWishSerializer(FromTo):
    """What to convert: `amount` is of the fixed side."""

    account = serializers.UUIDField()
    amount = AmountText()
    fixed_side = serializers.ChoiceField(choices=SIDES, required=False, default="from")


class PostingSerializer(serializers.Serializer[Any]):
    """One signed line: what a ledger account of the person or the house gained or lost."""

    currency = serializers.CharField()
    amount = DecimalText()
    account = serializers.CharField(help_text="available, held, or one of the house.")


class EntrySerializer(serializers.Serializer[Any]):
    """One thing that happened to money; its postings sum to zero per currency."""

    id = serializers.UUIDField()
    time = Moment()
    kind = serializers.CharField()
    key = serializers.CharField(help_text="The idempotency key it was asked for with.")
    actor = serializers.CharField()
    reason = serializers.CharField()
    simulated = serializers.BooleanField()
    postings = PostingSerializer(many=True)
    quote = QuoteTermsSerializer(allow_null=True)
