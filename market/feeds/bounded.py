"""How large may a source's answer be, and how long may it take? Read no further than that.

Neither requests, which ccxt asks with, nor httpx bounds a body or the whole of a time: an answer
without end would fill the worker, one that comes by drops would hold it.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoAnswer
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from market.feeds.answers import Answer

BYTES_MAX = 32_000_000  # the largest of their answers, a list of all markets, has some 10 MB
WHOLE_S = 20.0
PIECE_BYTES = 65_536


class Adapter(HTTPAdapter):
    """For a session of requests; its connections are kept for the next request."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """The whole answer. Raises requests' ConnectionError where it breaks off or has no end."""
        answer = super().send(request, *args, **kwargs | {"stream": True})
        try:
            answer._content = _whole(_pieces(answer.raw))
        except (EndlessError, HTTPError) as error:
            answer.close()
            raise NoAnswer(str(error), request=request) from error
        return answer


class EndlessError(httpx.TransportError):
    """An answer beyond BYTES_MAX or WHOLE_S."""


def get(client: httpx.Client, url: str, params: Mapping[str, str] | None = None) -> Answer:
    """The whole answer to a GET. Raises httpx's HTTPError, EndlessError among them."""
    with client.stream("GET", url, params=params) as answer:
        body = _whole(answer.iter_bytes())  # of a size of ours, pieces would wait to be full
        return Answer(answer.status_code, answer.headers, body.decode("utf-8", "replace"))


def _pieces(raw: HTTPResponse) -> Iterator[bytes]:
    """What has come each time, without waiting until a piece is full."""
    while piece := raw.read1(PIECE_BYTES, decode_content=True):
        yield piece


def _whole(pieces: Iterable[bytes]) -> bytes:
    body, until = bytearray(), time.monotonic() + WHOLE_S
    for piece in pieces:
        body += piece
        if len(body) > BYTES_MAX:
            raise EndlessError(f"an answer of more than {BYTES_MAX} bytes")
        if time.monotonic() > until:
            raise EndlessError(f"no whole answer within {WHOLE_S:g} s")
    return bytes(body)
