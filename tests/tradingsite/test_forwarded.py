"""Whose word is taken for who asks: the named proxy's before https, and nobody's else?"""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from tradingsite import launcher
from tradingsite.forwarded import told_who_asks

FORWARDED = [(b"x-forwarded-for", b"7.7.7.7"), (b"x-forwarded-proto", b"https")]
PROXY = ("10.0.0.9", 1234)


def client_of(peer: tuple[str, int] | None) -> str:
    """Whom the application takes for the client of a request that was forwarded."""
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    scope = {"type": "http", "scheme": "http", "client": peer, "headers": FORWARDED}
    asyncio.run(told_who_asks(application)(scope, None, None))
    return seen[0]


@pytest.mark.parametrize(
    ("secure", "proxies", "client"),
    [
        (True, ["10.0.0.0/8"], "7.7.7.7"),
        (True, ["127.0.0.1/32"], PROXY[0]),
        (True, [], PROXY[0]),
        (False, ["10.0.0.0/8"], PROXY[0]),
    ],
)
def test_only_a_named_proxy_before_https_is_believed(
    settings: Any, secure: bool, proxies: list[str], client: str
) -> None:
    settings.SECURE, settings.TRUSTED_PROXIES = secure, proxies
    assert client_of(PROXY) == client


def test_a_proxy_that_comes_by_socket_is_this_machine(settings: Any) -> None:
    settings.SECURE, settings.TRUSTED_PROXIES = False, ["127.0.0.1/32"]
    assert client_of(None) == "127.0.0.1"
    settings.SECURE = True
    assert client_of(None) == "7.7.7.7"


def test_it_listens_at_a_path_also_where_an_earlier_process_did(tmp_path: Path) -> None:
    path = tmp_path / "live.sock"
    launcher.listen_at(path).close()
    with launcher.listen_at(path), socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "live.sock"
    path.write_text("somebody's")
    with pytest.raises(OSError, match="in use"):
        launcher.listen_at(path)
    assert path.read_text() == "somebody's"
