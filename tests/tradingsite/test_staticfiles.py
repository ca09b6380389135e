"""Are the browser's files served whole, by whichever server?"""

import asyncio
import warnings

import pytest
from django.test import RequestFactory

from tests.tidy.tree import PROJECT
from tradingsite.staticfiles import File, Files

pytestmark = pytest.mark.filterwarnings("ignore:No directory")
ICON = PROJECT / "static" / "img" / "favicon.svg"


def served(rf: RequestFactory, method: str, **headers: str) -> File:
    files = Files(lambda _: None)
    file = files.get_static_file(str(ICON), "/static/img/favicon.svg")
    return files.serve(file, rf.generic(method, "/static/img/favicon.svg", headers=headers))


def as_asgi_sends(answer: File) -> list[bytes]:
    async def pieces() -> list[bytes]:
        return [piece async for piece in answer]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return asyncio.run(pieces())


def test_under_asgi_a_file_is_one_piece(rf: RequestFactory) -> None:
    answer = served(rf, "GET")
    assert as_asgi_sends(answer) == [ICON.read_bytes()]
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert int(answer["Content-Length"]) == ICON.stat().st_size


def test_under_wsgi_it_is_the_same_file(rf: RequestFactory) -> None:
    assert b"".join(served(rf, "GET")) == ICON.read_bytes()


@pytest.mark.parametrize(
    ("method", "headers", "status", "sent"),
    [
        ("HEAD", {}, 200, b""),
        ("GET", {"Range": "bytes=0-3"}, 206, b"<svg"),
        ("PUT", {}, 405, b""),
    ],
)
def test_what_is_no_whole_file_is_answered_too(
    rf: RequestFactory, method: str, headers: dict[str, str], status: int, sent: bytes
) -> None:
    answer = served(rf, method, **headers)
    assert answer.status_code == status
    assert as_asgi_sends(answer) == [sent]
