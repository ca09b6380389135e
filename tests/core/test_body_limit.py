"""How large may a body get on its way in?"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from core.api.body_limit import Event, Receive, Send, bounded
from core.api.strict_json import BODY_BYTES_MAX


async def reading(_scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """An application that reads the whole body, as Django does before it looks at anything."""
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body += event["body"]
        if not event["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def answers(*pieces: int) -> tuple[list[Event], int]:
    """What is sent for a body of such pieces, and how many of them were taken."""
    waiting = [
        {"type": "http.request", "body": b"x" * size, "more_body": number < len(pieces)}
        for number, size in enumerate(pieces, 1)
    ]
    sent: list[Event] = []

    async def receive() -> Event:
        return waiting.pop(0)

    async def send(event: Event) -> None:
        sent.append(event)

    asyncio.run(bounded(reading, {}, receive, send))
    return sent, len(pieces) - len(waiting)


def test_it_lets_a_body_of_the_full_size_through() -> None:
    sent, _ = answers(BODY_BYTES_MAX - 1, 1)
    assert (sent[0]["status"], sent[1]["body"]) == (200, str(BODY_BYTES_MAX).encode())


def test_it_refuses_an_endless_body_as_soon_as_it_is_too_large() -> None:
    sent, taken = answers(*[BODY_BYTES_MAX] * 50)
    assert (sent[0]["status"], taken) == (413, 2)
    assert json.loads(sent[1]["body"])["error"]["code"] == "too_large"
