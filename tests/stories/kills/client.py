"""How does a client get to a final answer, whatever dies under it? By the same key, again."""

import random
import threading
import time
from typing import Any
from uuid import uuid4

import httpx

from tests.stories.kills.record import Record
from tests.stories.visitor import PATIENCE_S, Visitor

# Two clients of one account cannot both have the last one: one of them meets a refusal.
WISHES = (
    *(("USD", "CHF", "20.00"), ("CHF", "USD", "9.00"), ("USD", "JPY", "15.00")),
    *(("JPY", "EUR", "700"), ("EUR", "USD", "2.00"), ("USD", "BTC", "30.00")),
    *(("BTC", "GBP", "0.0001"), ("GBP", "CHF", "3.00"), ("USD", "EUR", "6000.00")),
)
IMPATIENT = 0.06  # share of tries that are given up while the server still works on them
PAUSE_S = 0.25
GIVE_UP_S = 60.0
OK, CREATED, TOO_MANY, BROKEN = 200, 201, 429, 500


class Client:
    """Converts until told to stop, then ends what it has begun."""

    def __init__(self, visitor: Visitor, record: Record, *, seed: str, pace_s: float) -> None:
        self.visitor, self.record, self.pace_s = visitor, record, pace_s
        self.random = random.Random(seed)
        self.account = visitor.account()
        self.converted = 0

    def work(self, stop: threading.Event) -> None:
        """Quote, accept, breathe."""
        while not stop.is_set():
            began = time.monotonic()
            quote = self.quote(stop)
            if quote:
                self.accept(quote["id"])
            stop.wait(
                max(0.0, began + self.pace_s * self.random.uniform(0.5, 1.5) - time.monotonic())
            )

    def quote(self, stop: threading.Event) -> dict[str, Any] | None:
        """A quote; None where it is refused, or the time is over."""
        start, end, amount = self.random.choice(WISHES)
        body = {"account": self.account, "from": start, "to": end, "amount": amount}
        key = f"quote-{uuid4()}"
        while not stop.is_set():
            answer = self.tried("quote", "conversion-quotes/", key, body)
            if answer is not None:
                return dict(answer.json()) if answer.status_code in (OK, CREATED) else None
        return None

    def accept(self, quote: str) -> None:
        """Accept under a fresh key; the same key until an answer is final."""
        key, path = str(uuid4()), f"conversion-quotes/{quote}/accept/"
        self.record.note("intended", key, quote=quote)
        began = time.monotonic()
        while time.monotonic() < began + GIVE_UP_S:
            answer = self.tried("accept", path, key)
            if answer is None:
                continue
            if answer.status_code != OK:
                self.record.note("refused", key, code=answer.json()["error"]["code"])
                return
            ms = (time.monotonic() - began) * 1000
            replayed = "Idempotent-Replayed" in answer.headers
            self.record.note("acknowledged", key, body=answer.text, replayed=replayed, ms=ms)
            self.converted += 1
            self.perhaps_repeat(path, key)
            return

    def perhaps_repeat(self, path: str, key: str) -> None:
        """Now and then the same once more, as if the answer had been lost on its way."""
        if self.random.random() < 0.1 and (answer := self.tried("repeat", path, key)) is not None:
            self.record.note("repeated", key, body=answer.text)

    def tried(self, step: str, path: str, key: str, body: object = None) -> httpx.Response | None:
        """One try; None where it has to be repeated."""
        impatient = step == "accept" and self.random.random() < IMPATIENT
        patience_s = self.random.uniform(0.002, 0.06) if impatient else PATIENCE_S
        began = time.monotonic()
        try:
            answer = self.visitor.post(path, body, key=key, patience_s=patience_s)
        except httpx.TransportError as error:
            if impatient and isinstance(error, httpx.TimeoutException):
                self.record.note("left", key)
            else:
                self.record.note("failed", key, began=began, step=step, why=type(error).__name__)
                time.sleep(PAUSE_S)
            return None
        if answer.status_code == TOO_MANY:
            self.record.note("asked to wait", key)
            time.sleep(float(answer.headers["Retry-After"]))
            return None
        if answer.status_code >= BROKEN:
            why = f"{answer.status_code} {answer.text[:300]}"
            self.record.note("failed", key, began=began, step=step, why=why)
            time.sleep(PAUSE_S)
            return None
        return answer
