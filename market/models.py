"""What is traded? The catalog; prices themselves live in unmanaged tables."""

from django.db import models


class Currency(models.Model):
    """Money of a country, or a crypto coin."""

    class Kind(models.TextChoices):
        FIAT = "fiat"
        CRYPTO = "crypto"

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind)
    decimals = models.PositiveSmallIntegerField()
    symbol = models.CharField(max_length=8)
    flag = models.CharField(
        max_length=8, blank=True, help_text="ISO country code of the flag picture"
    )
    is_active = models.BooleanField(default=True)
    on_board = models.BooleanField(default=False, help_text="one of the board's first rows")
    position = models.PositiveSmallIntegerField(default=1000)

    class Meta:
        ordering = ["position", "code"]
        verbose_name_plural = "currencies"

    def __str__(self) -> str:
        return self.code


class Instrument(models.Model):
    """A pair with rules: the price is units of `quote` per 1 `base`."""

    class Kind(models.TextChoices):
        FX = "fx"
        CRYPTO = "crypto"
        STABLECOIN = "stablecoin"

    symbol = models.CharField(max_length=25, unique=True, help_text="BASE-QUOTE, as in addresses")
    base = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    quote = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    price_increment = models.DecimalField(max_digits=38, decimal_places=18)
    quantity_increment = models.DecimalField(max_digits=38, decimal_places=18)
    min_quantity = models.DecimalField(max_digits=38, decimal_places=18)
    max_price_age_s = models.PositiveIntegerField()
    trading_hours = models.CharField(max_length=10, help_text="fx_week or always")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["symbol"]

    def __str__(self) -> str:
        return self.symbol


class Rejection(models.Model):
    """What quality refused: one row per source, symbol, reason and minute, with a count."""

    source = models.CharField(max_length=30)
    symbol = models.CharField(max_length=25, blank=True)
    reason = models.CharField(max_length=20)
    minute = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()
    sample = models.CharField(max_length=200, help_text="the first one refused in that minute")

    class Meta:
        ordering = ["-minute", "source", "symbol"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "symbol", "reason", "minute"], name="one_rejection_a_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.symbol}: {self.reason} x {self.count}"


class SourceHealth(models.Model):
    """How a source of prices is doing; written by the publisher alone."""

    class State(models.TextChoices):
        OK = "ok"
        SILENT = "silent"
        FROZEN = "frozen"
        TROUBLED = "troubled"

    name = models.CharField(max_length=30, unique=True)
    state = models.CharField(max_length=10, choices=State)
    first_success_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_problem_at = models.DateTimeField(null=True)
    last_problem = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    accepted = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "source health"

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
