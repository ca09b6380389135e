"""What do people own? Accounts, journal, postings and conversion quotes.

Rows of the books are written by the functions of `books.sql` alone; see `grants.sql`.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.secrets.field import SealedField


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


class JournalEntry(models.Model):
    """One thing that happened to money, for ever; its postings sum to zero per currency."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        CONVERSION = "conversion"
        HOLD = "hold"
        RELEASE = "release"
        REVERSAL = "reversal"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        TradingAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        db_index=False,
        help_text="in whose history it stands; the house's own where empty",
    )
    scope = models.CharField(max_length=40, help_text="user:<id> or system")
    key = models.CharField(max_length=128, help_text="idempotency key within the scope")
    request_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=80, help_text="who did it: user:…, token:…, system")
    address = models.GenericIPAddressField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    simulated = models.BooleanField(help_text="priced on the simulated market")
    refers_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="referred_by",
        db_index=False,
        help_text="the hold a release gives back, or what a reversal undoes",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(fields=["account", "id"], name="journal_entry_by_account"),
            models.Index(
                fields=["refers_to"],
                condition=models.Q(refers_to__isnull=False),
                name="journal_entry_by_reference",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="journal_entry_key"),
            models.UniqueConstraint(
                fields=["refers_to"],
                condition=models.Q(kind="reversal"),
                name="journal_entry_reversed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Posting(models.Model):
    """One signed line of an entry: what one ledger account gained or lost."""

    # Both references are checked by a trigger of `books.sql`, which says why.
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="postings", db_constraint=False
    )
    account = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="postings", db_index=False, db_constraint=False
    )
    amount = amount_field()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["account", "entry"], name="posting_by_account")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="posting_moves_something")
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


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


class Seal(models.Model):
    """What a stretch of rows said, bound to all that was sealed before; see `seals.py`."""

    number = models.BigIntegerField(primary_key=True)
    stream = models.CharField(max_length=10)
    after_id = models.BigIntegerField(help_text="rows above this id …")
    to_id = models.BigIntegerField(help_text="… up to this one")
    rows = models.PositiveIntegerField()
    rows_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="of all this and of the digest before")
    key_id = models.CharField(max_length=8)
    signature = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "after_id"], name="seal_of_a_stretch"),
        ]

    def __str__(self) -> str:
        return f"Seal {self.number}: {self.stream} up to {self.to_id}"


class Stop(models.Model):
    """A time in which the house let no money move; one without an end is now."""

    began_at = models.DateTimeField(db_default=Now())
    began_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ended_at"], nulls_distinct=False, name="one_stop_now")
        ]

    def __str__(self) -> str:
        return f"Stop of {self.began_at}"


class Correction(models.Model):
    """A wish of staff to undo an entry, and what became of it."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        POSTED = "posted"
        REJECTED = "rejected"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="corrections")
    reason = models.CharField(max_length=200)
    needs_second = models.BooleanField(help_text="real money: another member of staff decides")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    posted_entry = models.OneToOneField(
        JournalEntry, models.PROTECT, null=True, blank=True, related_name="correction"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=~models.Q(state="rejected"),
                name="correction_once_an_entry",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="posted")
                | models.Q(needs_second=False)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="correction_seen_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed", decided_by=None)
                | models.Q(state__in=("posted", "rejected"), decided_by__isnull=False),
                name="correction_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(posted_entry=None) ^ models.Q(state="posted"),
                name="correction_posted_has_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}"


class ExchangeKey(models.Model):
    """A key to an account at an exchange; its secret is sealed, and goes when the key ends."""

    class State(models.TextChoices):
        UNTESTED = "untested"
        WORKS = "works"
        PAUSED = "paused"
        REFUSED = "refused"
        REVOKED = "revoked"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exchange_keys")
    venue = models.CharField(max_length=20)
    label = models.CharField(max_length=60)
    mode = models.CharField(max_length=7, choices=Mode)
    key_end = models.CharField(max_length=4, help_text="the key's last characters")
    sealed = SealedField(purpose="exchange key", owner="user_id", null=True)
    state = models.CharField(max_length=8, choices=State, default=State.UNTESTED)
    reason = models.CharField(max_length=200, blank=True, help_text="of the state, in our words")
    permissions = models.JSONField(default=list, help_text="as far as the venue tells")
    created_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(help_text="when a test was last wanted")
    tested_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="refused or revoked")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "id"], name="exchange_key_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode__in=("sandbox", "real")), name="exchange_key_mode"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=("refused", "revoked"), sealed=None, ended_at__isnull=False
                )
                | models.Q(
                    state__in=("untested", "works", "paused"), sealed__isnull=False, ended_at=None
                ),
                name="exchange_key_sealed_while_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.venue} …{self.key_end}"
