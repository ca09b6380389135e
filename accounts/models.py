"""Who are the people, and what does each prefer?"""

import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

FACTORS = {"totp": "code app", "recovery_codes": "recovery codes", "webauthn": "passkey"}


class User(AbstractUser):
    """A person who can sign in, by username or e-mail."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    may_trade = models.BooleanField(
        default=True, db_default=True, help_text="who may not is a viewer: looks and moves nothing"
    )
    # Set by functions of the database alone; see `protection.sql`.
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    real_held_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_any_case"),
        ]
        # Not unique: to refuse an address that is taken would say that it is (see addresses.py).
        indexes = [models.Index(Lower("email"), name="user_email_any_case")]


class Preference(models.Model):
    """What one person has set; no row means that everything is at its default."""

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="preference")
    base_currency = models.CharField(max_length=12, default="USD")
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    quote_seconds = models.PositiveSmallIntegerField(default=15)
    chart = models.JSONField(default=dict)


class Favourite(models.Model):
    """A row of the board that one person keeps at hand."""

    user = models.ForeignKey(User, models.CASCADE, related_name="favourites")
    code = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "code"], name="favourite_once"),
        ]


class Token(models.Model):
    """A personal key to the API: only its digest is kept."""

    class Scope(models.TextChoices):
        READ = "read"
        TRADE_VIRTUAL = "trade-virtual"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    start = models.CharField(max_length=12, help_text="what the person sees of it later")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole token")
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"


class Takeout(models.Model):
    """A file with everything of one person: made by the worker, kept for a day."""

    class State(models.TextChoices):
        MAKING = "making"
        READY = "ready"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="takeouts")
    state = models.CharField(max_length=6, choices=State, default=State.MAKING)
    asked_at = models.DateTimeField()
    size = models.BigIntegerField(null=True, help_text="in bytes, once it is ready")


class TakeoutPiece(models.Model):
    """Some bytes of such a file, which may be too large for one row."""

    takeout = models.ForeignKey(Takeout, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["takeout", "number"], name="takeout_piece_once"),
        ]


class AuditRecord(models.Model):
    """One thing somebody did, for ever; written by the function of `audit.sql` alone."""

    at = models.DateTimeField(db_default=Now())
    event = models.CharField(max_length=60)
    actor = models.CharField(max_length=80, help_text="who did it: user:…, token:…, system, nobody")
    address = models.GenericIPAddressField(null=True, blank=True)
    person = models.UUIDField(null=True, blank=True, help_text="whom it concerns, by public id")
    thing = models.CharField(max_length=120, blank=True, help_text="what it concerns: token:…")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"], name="audit_by_person")]

    def __str__(self) -> str:
        return f"{self.event} by {self.actor}"

    @property
    def title(self) -> str:
        """What its owner calls the token, passkey or exchange key it tells of; else nothing."""
        told = (self.before or {}) | (self.after or {})
        return str(told.get("name") or told.get("label") or "")

    @property
    def factor(self) -> str:
        """Which kind of second factor it tells of; else nothing."""
        told = (self.before or {}) | (self.after or {})
        return FACTORS.get(str(told.get("factor")), "")
