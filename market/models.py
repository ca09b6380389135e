"""What is traded? The catalog; prices themselves live in unmanaged tables."""

from uuid import uuid4

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


class TopCoin(models.Model):
    """A coin of the list by market value, as the last list that named it said."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    rank = models.PositiveIntegerField(null=True, help_text="none: the last list left it out")
    price = models.DecimalField(max_digits=38, decimal_places=18, help_text="USD, the list's own")
    market_value = models.DecimalField(max_digits=38, decimal_places=2, help_text="USD")
    as_of = models.DateTimeField()
    followed_at = models.DateTimeField(
        null=True, help_text="since when the list has had it followed here"
    )
    is_removed = models.BooleanField(default=False, help_text="staff took it out: not followed")

    class Meta:
        ordering = [models.F("rank").asc(nulls_last=True), "code"]
        verbose_name = "coin by market value"
        verbose_name_plural = "coins by market value"

    def __str__(self) -> str:
        return self.code


class NewsFeed(models.Model):
    """One place that news are read from, and how reading goes."""

    url = models.CharField(max_length=2000, unique=True)
    title = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True, help_text="off: not read")
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    next_look_at = models.DateTimeField(null=True)
    last_look_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    last_problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["title", "url"]

    def __str__(self) -> str:
        return self.title or self.url


class Story(models.Model):
    """One piece of news: plain text only, and what was read out of it."""

    class Mood(models.TextChoices):
        POSITIVE = "positive"
        NEUTRAL = "neutral"
        NEGATIVE = "negative"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(max_length=300)
    summary = models.CharField(max_length=600, blank=True)
    url = models.CharField(max_length=2000)
    source = models.CharField(max_length=80)
    published_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField()
    sentiment = models.CharField(max_length=8, choices=Mood)
    score = models.FloatField(help_text="mood from -1 to 1")
    entities = models.JSONField(default=list, help_text="what it names, as [kind, name]")

    class Meta:
        ordering = ["-published_at"]
        verbose_name_plural = "stories"

    def __str__(self) -> str:
        return self.title


class StoryKey(models.Model):
    """What a story is known again by: its address or its feed's id, as a digest."""

    digest = models.CharField(max_length=64, primary_key=True)
    story = models.ForeignKey(Story, models.CASCADE, related_name="keys")


class Mention(models.Model):
    """A story is about an instrument: how much so, and which way it reads for the base."""

    story = models.ForeignKey(Story, models.CASCADE, related_name="mentions")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="+")
    score = models.FloatField(help_text="from 0 to 1: how much the story is about it")
    lean = models.FloatField(help_text="mood for the base currency, from -1 to 1")

    class Meta:
        ordering = ["-score"]
        constraints = [
            models.UniqueConstraint(fields=["story", "instrument"], name="one_mention_a_story")
        ]

    def __str__(self) -> str:
        return f"{self.story_id} {self.instrument_id}"


class Signal(models.Model):
    """Something that happened at a closed candle: a trading signal, told once."""

    class Direction(models.TextChoices):
        UP = "up"
        DOWN = "down"
        NONE = "none"

    public_id = models.UUIDField(unique=True, help_text="made of what makes the row unique")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="+")
    interval = models.CharField(max_length=3)
    kind = models.CharField(max_length=30)
    time = models.DateTimeField(help_text="opening of its candle")
    direction = models.CharField(max_length=4, choices=Direction)
    strength = models.FloatField(help_text="from 0, just so, to 1")
    sentence = models.CharField(max_length=200)
    evidence = models.JSONField()
    simulated = models.BooleanField()
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-time", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "interval", "time", "kind", "simulated"],
                name="one_signal_an_event",
            )
        ]
        indexes = [models.Index(fields=["-time", "-id"], name="signals_newest_first")]

    def __str__(self) -> str:
        return f"{self.interval} {self.kind} {self.time:%Y-%m-%d %H:%M}"
