"""Which rates were promised? Conversion quotes with all their terms."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from portfolio.models.accounts import TradingAccount, amount_field
from portfolio.models.journal import JournalEntry


class ConversionQuote(models.Model):
    """A rate kept for some seconds, usable once, by its owner; every term is on the row."""

    class FixedSide(models.TextChoices):
        FROM = "from"
        TO = "to"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(TradingAccount, models.PROTECT, related_name="quotes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    from_currency = models.ForeignKey(
        "market.Currency", models.PROTECT, to_field="code", db_column="from_code", related_name="+"
    )
    to_currency = models.ForeignKey(
        "market.Currency", models.PROTECT, to_field="code", db_column="to_code", related_name="+"
    )
    fixed_side = models.CharField(max_length=4, choices=FixedSide)
    mid = amount_field(help_text="units of `to` per 1 `from`")
    rate = amount_field(help_text="mid less the spread, 12 decimals down")
    spread_bps = models.DecimalField(max_digits=8, decimal_places=2)
    fee_rate = models.DecimalField(max_digits=8, decimal_places=6)
    fee = amount_field(help_text="in `from`, inside amount_from")
    amount_from = amount_field(help_text="exactly what is debited")
    amount_to = amount_field(help_text="exactly what is credited")
    residue = amount_field(help_text="what rounding leaves to the house, in `to`")
    sources = models.JSONField(help_text="every contributor with its price and time")
    path = models.JSONField(help_text="currencies the price went through")
    price_state = models.CharField(max_length=10)
    price_as_of = models.DateTimeField()
    price_reason = models.CharField(max_length=200, blank=True)
    simulated = models.BooleanField()
    session = models.CharField(max_length=10)
    table_version = models.CharField(max_length=20, help_text="of the spread table")
    lifetime_s = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=128, null=True, blank=True)
    request_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_default=Now(), help_text="set by the database at birth")
    accepted_entry = models.OneToOneField(
        JournalEntry, models.PROTECT, null=True, blank=True, related_name="conversion_quote"
    )

    left: timedelta  # until it expires, by the database's clock when conversion_quotes read it

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "expires_at"], name="quote_by_user")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="conversion_quote_key"),
            models.CheckConstraint(
                condition=models.Q(
                    amount_from__gt=0, amount_to__gt=0, mid__gt=0, rate__gt=0, fee__gte=0
                )
                & models.Q(residue__gte=0, fee__lt=models.F("amount_from")),
                name="conversion_quote_sane",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_currency=models.F("to_currency")),
                name="conversion_quote_two_currencies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_currency_id} to {self.to_currency_id}"
