"""What happened to money? Entries and their postings, what seals them, what undoes them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core import money
from portfolio.models.accounts import LedgerAccount, TradingAccount, amount_field


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
        return money.plain(self.amount)


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
