"""Where does money lie? In trading accounts, one ledger account per currency; a stop rests all."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """NUMERIC(38,18): wide enough for every amount, price and rate."""
    return models.DecimalField(max_digits=38, decimal_places=18, **options)


class Mode(models.TextChoices):
    """Whose money: the platform's play money, a venue's test system, or the real thing."""

    VIRTUAL = "virtual"
    SANDBOX = "sandbox"
    REAL = "real"


class TradingAccount(models.Model):
    """A person's pot of money in many currencies; its mode is fixed at birth."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="trading_accounts"
    )
    mode = models.CharField(max_length=7, choices=Mode)
    name = models.CharField(max_length=60)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=200, blank=True)
    frozen_by = models.CharField(max_length=5, blank=True, db_default="", help_text="house, owner")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode__in=Mode.values), name="trading_account_mode_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.mode})"


class LedgerAccount(models.Model):
    """One currency of one trading account, or of the house (no owner, no stored balance)."""

    class Kind(models.TextChoices):
        AVAILABLE = "available"
        HELD = "held"
        EQUITY = "house:equity"
        LIQUIDITY = "house:liquidity"
        FEES = "house:fees"
        ROUNDING = "house:rounding"

    owner = models.ForeignKey(
        TradingAccount, models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )
    mode = models.CharField(max_length=7, choices=Mode)
    currency = models.ForeignKey(
        "market.Currency", models.PROTECT, to_field="code", db_column="currency", related_name="+"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    balance = amount_field(
        null=True, blank=True, help_text="of a person's account; the house's is derived"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "currency"],
                condition=models.Q(owner__isnull=False),
                name="ledger_account_of_owner",
            ),
            models.UniqueConstraint(
                fields=["mode", "kind", "currency"],
                condition=models.Q(owner__isnull=True),
                name="ledger_account_of_house",
            ),
            models.CheckConstraint(
                condition=models.Q(balance__gte=0), name="ledger_balance_never_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    owner__isnull=False, balance__isnull=False, kind__in=("available", "held")
                )
                | models.Q(owner__isnull=True, balance__isnull=True, kind__startswith="house:"),
                name="ledger_account_owned_or_house",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency_id}"


class Stop(models.Model):
    """A time in which the house let no money move; one without an end is now."""

    began_at = models.DateTimeField(db_default=Now())
    began_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=200)
    told = models.CharField(max_length=200, blank=True, db_default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ended_at"], nulls_distinct=False, name="one_stop_now")
        ]

    def __str__(self) -> str:
        return f"Stop of {self.began_at}"
