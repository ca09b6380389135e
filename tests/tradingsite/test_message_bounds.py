"""Where does a request end? What could be read in two ways is refused, and nothing rides behind."""

import socket

import pytest

from tests.web_process import WebProcess

BEHIND = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
AMBIGUOUS = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 43\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a length in words": b"Content-Length: 0x0\r\n\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n",
    "chunked, but not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 0\r\n\r\n",
    "a folded line": b"Content-Length:\r\n 0\r\n\r\n",
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
}


def said(web: WebProcess, request: bytes) -> bytes:
    """Everything the process answers before it hangs up or falls silent."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=2) as line:
        line.sendall(request)
        answer = b""
        try:
            while piece := line.recv(65536):
                answer += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_it_refuses_a_request_whose_end_is_not_clear(web: WebProcess, kind: str) -> None:
    head = b"POST /api/v1/conversion-quotes/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    answer = said(web, head + AMBIGUOUS[kind] + BEHIND)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"status"' not in answer
