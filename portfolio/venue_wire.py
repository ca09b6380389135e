"""Over which wire does ccxt ask about a key? Over `core.http`: bounded in size and whole time.

requests bounds neither: a venue, or who stands in for it, could fill the worker or hold it for
ever. What was heard is kept as it came. Redirects are not followed: the key would go along.
"""

import ssl
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import prepend_scheme_if_needed, select_proxy

from core import http
from market.feeds.answers import Answer

BYTES_MAX = 1_000_000
NOT_SENT = {"connection", "accept-encoding"}  # of one connection each


class Wire(BaseAdapter):
    """What a session of requests sends with; `heard` is every answer."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Answer] = []

    def send(  # type: ignore[override]  # ccxt gives one number for `timeout`
        self,
        request: PreparedRequest,
        *,
        timeout: Any,  # seconds
        verify: bool | str = True,
        proxies: dict[str, str] | None = None,
        **_: Any,
    ) -> Response:
        """The answer. Raises Refused `too_large`, Retryable after `timeout` seconds in all."""
        url, body = str(request.url), request.body
        proxy = select_proxy(url, proxies)
        headers = {k: str(v) for k, v in request.headers.items() if k.lower() not in NOT_SENT}
        asked = http.Request(
            url,
            str(request.method),
            headers | {"Accept-Encoding": "gzip"},
            body.encode() if isinstance(body, str) else cast(bytes | None, body),
            timeout_s=timeout,
            bytes_max=BYTES_MAX,
        )
        answer = http.ask(
            asked,
            proxy=prepend_scheme_if_needed(proxy, "http") if proxy else None,
            trust=_trust(verify) if isinstance(verify, str) else None,
        )
        text = answer.body.decode("utf-8", "replace")
        self.heard.append(Answer(answer.status, answer.headers, text))
        return _told(request, answer)

    def close(self) -> None:
        """Nothing stays open between requests."""


def _trust(place: str) -> ssl.SSLContext:
    """The certificates of REQUESTS_CA_BUNDLE, a file or a folder."""
    if Path(place).is_dir():
        return ssl.create_default_context(capath=place)
    return ssl.create_default_context(cafile=place)


def _told(request: PreparedRequest, answer: http.Answer) -> Response:
    """The answer as requests understands it."""
    told = Response()
    told.status_code, told.url, told.request = answer.status, answer.url, request
    told.headers = CaseInsensitiveDict(
        {name: value for name, value in answer.headers.items() if name != "content-encoding"}
    )
    told.raw = BytesIO(answer.body)
    return told
