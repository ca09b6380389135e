"""Addresses that people give: what is fetched, what is refused, and that nothing was asked then."""

import gzip
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core import http
from core.errors import Code, Refused, Retryable
from core.http import Request
from tests.far_side import FarSide, Page, far_side

PRIVATE = [
    *("127.0.0.1", "127.1.2.3", "10.0.0.8", "172.16.9.9", "192.168.1.1", "0.0.0.0", "100.64.0.1"),
    *("169.254.169.254", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
    *("192.0.0.192", "192.0.0.9", "192.88.99.1", "[3fff::1]"),
    *("[::1]", "[::]", "[fe80::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::7f00:1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:1::1]", "[64:ff9b:1::a00:1]"),
]
DISGUISED = [
    *("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.0.0.1", "127.0.0.0x1", "1.1.1.0x"),
    *("134744072", "8.8.2056", "127.0.0.1.", "①②⑦.⓪.⓪.①", "[fe80::1%25eth0]", "exa%6dple.com"),
]
UNREADABLE = [
    *("ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", ""),
    *("http:///x", "http://me:pw@example.com/", "http://example.com\\@127.0.0.1/"),
    *("http://example.com/\r\nX: y", "http://exa mple.com/", "http://[::1", "http://a:99999/"),
    "http://example.com/" + "x" * 2000,
]

Names = Callable[..., None]


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        yield far


@pytest.fixture
def allowed(settings: Settings) -> None:
    settings.FETCH_ALLOWED = ["127.0.0.1/32"]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Make a name lead to these addresses: one list of them for each time it is looked up."""

    def lead(*answers: list[str]) -> None:
        left = list(answers)

        def look_up(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
            found = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return lead


def refused(url: str) -> Code:
    with pytest.raises(Refused) as caught:
        http.fetch(Request(url))
    return caught.value.code


@pytest.mark.parametrize("host", PRIVATE + DISGUISED)
def test_it_refuses_every_spelling_of_a_private_place(host: str) -> None:
    assert refused(f"http://{host}/latest/meta-data/") == Code.ADDRESS_REFUSED


@pytest.mark.parametrize("url", UNREADABLE)
def test_it_refuses_what_is_no_web_address(url: str) -> None:
    assert refused(url) == Code.ADDRESS_REFUSED


def test_it_asks_nothing_of_a_private_place(far: FarSide) -> None:
    far.say("/secret", b"keys")
    assert refused(far.url("/secret")) == Code.ADDRESS_REFUSED
    assert refused(far.url("/secret", host="localhost")) == Code.ADDRESS_REFUSED
    assert far.asked == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(names: Names) -> None:
    names(["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Refused):
        http.judge("http://example.com/")


def test_a_public_address_is_told_with_where_it_leads(names: Names) -> None:
    names(["93.184.216.34", "93.184.216.34"])
    assert [str(one) for one in http.judge("https://example.com/a?b").addresses] == [
        "93.184.216.34"
    ]


def test_it_refuses_ports_that_are_not_of_the_web(names: Names) -> None:
    names(["93.184.216.34"])
    http.judge("http://example.com:8443/")
    with pytest.raises(Refused):
        http.judge("http://example.com:6379/")


def test_the_connection_goes_to_the_address_that_was_judged(
    far: FarSide, allowed: None, names: Names
) -> None:
    far.say("/feed", b"news")
    names(["127.0.0.1"], ["10.9.9.9"])  # the second look at the name would lead elsewhere
    answer = http.fetch(Request(far.url("/feed", host="rebind.example")))
    assert answer.body == b"news"
    assert far.headers()["host"] == f"rebind.example:{far.port}"


def test_each_redirect_is_judged_anew(far: FarSide, allowed: None) -> None:
    far.say("/away", status=302, location="http://169.254.169.254/latest/meta-data/")
    assert refused(far.url("/away")) == Code.ADDRESS_REFUSED
    assert [path for path, _ in far.asked] == ["/away"]


def test_redirects_are_followed_three_times_and_not_more(far: FarSide, allowed: None) -> None:
    for step in range(5):
        far.say(f"/{step}", status=301, location=f"/{step + 1}")
    answer = http.fetch(Request(far.url("/0")))
    assert (answer.status, answer.url) == (301, far.url("/3"))


def test_secrets_do_not_follow_a_redirect_to_another_host(far: FarSide, allowed: None) -> None:
    with far_side() as other:
        there = other.say("/end", b"ok")
        far.say("/", status=307, location=there)
        http.fetch(Request(far.url("/"), headers={"X-Api-Key": "k", "If-None-Match": '"1"'}))
        assert far.headers()["x-api-key"] == "k"
        assert "x-api-key" not in other.headers()
        assert other.headers()["if-none-match"] == '"1"'


def test_it_refuses_a_body_beyond_the_limit(far: FarSide, allowed: None) -> None:
    url = far.say("/big", b"x" * 2000)
    with pytest.raises(Refused) as caught:
        http.fetch(Request(url, bytes_max=1000))
    assert caught.value.code == Code.TOO_LARGE


def test_it_refuses_a_small_body_that_unpacks_to_a_huge_one(far: FarSide, allowed: None) -> None:
    url = far.say("/bomb", gzip.compress(b"0" * 3_000_000), content_encoding="gzip")
    with pytest.raises(Refused) as caught:
        http.fetch(Request(url))
    assert caught.value.code == Code.TOO_LARGE


def test_a_packed_body_is_unpacked(far: FarSide, allowed: None) -> None:
    url = far.say("/packed", gzip.compress(b"<rss/>"), content_encoding="gzip")
    assert http.fetch(Request(url)).body == b"<rss/>"
    far.say("/packed", b"no gzip", content_encoding="gzip")
    with pytest.raises(Retryable):
        http.fetch(Request(url))


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-9], lambda whole: whole + b"more"])
def test_it_refuses_a_packed_body_that_was_cut_off_or_goes_on(
    far: FarSide, allowed: None, spoil: Callable[[bytes], bytes]
) -> None:
    url = far.say("/cut", spoil(gzip.compress(b"<rss/>" * 99)), content_encoding="gzip")
    with pytest.raises(Retryable, match="cut off"):
        http.fetch(Request(url))


def test_a_body_that_trickles_is_given_up_in_time(far: FarSide, allowed: None) -> None:
    far.pages["/slow"] = Page(b"x" * 100, slow_s=0.05)
    with pytest.raises(Retryable, match=r"0\.3 s"):
        http.fetch(Request(far.url("/slow"), timeout_s=0.3))


def test_nobody_at_home_may_be_tried_again(allowed: None) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Retryable, match="ConnectError"):
        http.fetch(Request(f"http://127.0.0.1:{port}/"))


def test_a_name_nobody_knows_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **more: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Retryable, match=r"nowhere\.example was not found"):
        http.fetch(Request("https://nowhere.example/"))
