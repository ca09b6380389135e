"""Which keys to other houses' accounts were given to us?"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from core.secrets.field import SealedField
from portfolio.models.accounts import Mode


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
