"""How large may a body get on its way in, and is one that broke off taken for a whole one?"""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest

from core.api.body_limit import Event, Receive, Send, bounded, has_arrived
from core.api.strict_json import BODY_BYTES_MAX

HEADERS = [(b"content-length", b"7"), (b"host", b"testserver")]


async def reading(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """An application that refuses by the length it is told, as Django does, and else reads."""
    length = int(dict(scope["headers"])[b"content-length"])
    event = await receive()
    status = 413 if length > BODY_BYTES_MAX else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    body = str(len(event["body"])).encode()
    await send({"type": "http.response.body", "body": body, "more_body": event["more_body"]})


def answers(*waiting: Event) -> tuple[list[Event], int]:
    """What is answered to such a body, and how many of its pieces were taken."""
    sent: list[Event] = []
    pieces = list(waiting)

    async def receive() -> Event:
        return pieces.pop(0)

    async def send(event: Event) -> None:
        sent.append(event)

    asyncio.run(bounded(reading, {"headers": HEADERS}, receive, send))
    return sent, len(waiting) - len(pieces)


def of_sizes(*sizes: int) -> list[Event]:
    return [
        {"type": "http.request", "body": b"x" * size, "more_body": number < len(sizes)}
        for number, size in enumerate(sizes, 1)
    ]


def test_a_body_of_the_full_size_arrives_in_one_piece() -> None:
    sent, _ = answers(*of_sizes(BODY_BYTES_MAX - 1, 1))
    assert sent[0]["status"] == 200
    assert (sent[1]["body"], sent[1]["more_body"]) == (str(BODY_BYTES_MAX).encode(), False)


def test_an_endless_body_is_refused_as_soon_as_it_is_too_large() -> None:
    sent, taken = answers(*of_sizes(*[BODY_BYTES_MAX] * 50))
    assert (sent[0]["status"], taken, sent[1]["body"]) == (413, 2, b"0")
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_body_cut_short_reaches_nobody() -> None:
    sent, _ = answers(*of_sizes(5, 5)[:1], {"type": "http.disconnect"})
    assert sent == []


class Drops(BytesIO):
    """It gives three bytes at a time, as a network may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 3))


@pytest.mark.parametrize(("length", "is_whole"), [("9", True), ("14", False), ("", True)])
def test_what_is_shorter_than_announced_has_not_arrived(length: str, is_whole: bool) -> None:
    environ: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": Drops(b"amount=24")}
    assert has_arrived(environ) == is_whole
    assert environ["wsgi.input"].read() == (b"amount=24" if length else b"")


def test_what_comes_in_chunks_has_not_arrived() -> None:
    body = BytesIO(b"amount=24")
    assert not has_arrived({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body})


def test_what_is_too_large_is_not_read() -> None:
    environ: dict[str, Any] = {"CONTENT_LENGTH": "100000", "wsgi.input": None}
    assert has_arrived(environ)
