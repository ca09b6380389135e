"""Does the web process start, refuse to start and end as a supervisor expects?"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.market.frames import Publisher
from tests.web_process import WebProcess, of_tests, started


@dataclass(frozen=True)
class Ended:
    """What became of everything that was open."""

    took_s: float
    socket_code: int
    answer: bytes
    streamed: str


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    writer = Publisher("USD")
    yield writer
    writer.end()


def test_a_taken_port_has_its_own_exit_code(web: WebProcess) -> None:
    command = [sys.executable, "-m", "tradingsite.launcher", "--port", str(web.port)]
    second = subprocess.run(command, env=of_tests(), capture_output=True, text=True, check=False)
    assert second.returncode == 3
    assert second.stderr.splitlines()[-1].startswith(f"Port {web.port} of 127.0.0.1 cannot be used")
    assert web.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def ended(django_db_setup: None) -> Iterator[Ended]:
    """A process with a socket, a stalled socket, a stream and a request, told to end."""
    writer = Publisher("USD")
    with (
        started() as web,
        web.socket("/ws/board/") as board,
        web.socket("/ws/board/", ping_interval=None),
        stalled(writer, board),
        httpx.stream("GET", f"{web.url}/sse/board/") as stream,
    ):
        asking = half_a_request(web)
        took_s = web.stop(meanwhile=lambda: asking.sendall(b"b" * 10))
        with pytest.raises(ConnectionClosed) as end:
            board.recv(timeout=5)
        assert end.value.rcvd is not None
        answer = asking.recv(4096)
        yield Ended(took_s, end.value.rcvd.code, answer, "".join(stream.iter_text()))
    writer.end()


def half_a_request(web: WebProcess) -> socket.socket:
    """A form of which ten bytes are still to come."""
    asking = socket.create_connection(("127.0.0.1", web.port), timeout=10)
    head = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n"
    asking.sendall(head.encode() + b"a" * 10)
    web.get("/healthz")  # the server has been through its loop
    return asking


@contextmanager
def stalled(writer: Publisher, quick: ClientConnection) -> Iterator[None]:
    """Publish more than the other socket can hold; the quick one reads it all."""
    quick.recv(timeout=5)
    for _ in range(300):
        writer.delta("USD", "EUR", "JPY", "CHF", padding="x" * 4000)
        quick.recv(timeout=5)
    yield


def test_at_the_end_sockets_are_told_to_come_again(ended: Ended) -> None:
    assert ended.socket_code == 1012


def test_neither_streams_nor_stalled_listeners_hold_the_exit(ended: Ended) -> None:
    assert ended.took_s < 5


def test_a_stream_is_completed_at_the_end(ended: Ended) -> None:
    assert ended.streamed.endswith("\n\n")


def test_a_request_in_flight_is_finished(ended: Ended) -> None:
    assert ended.answer.startswith(b"HTTP/1.1 4")


def test_two_processes_hear_the_same_frames(publisher: Publisher, web: WebProcess) -> None:
    with started() as other, web.socket("/ws/board/") as here, other.socket("/ws/board/") as there:
        firsts = [json.loads(one.recv(timeout=5)) for one in (here, there)]
        publisher.delta("USD", "JPY")
        seconds = [json.loads(one.recv(timeout=5)) for one in (here, there)]
        resume = f"/ws/board/?since={publisher.epoch}:1"
        with other.socket(resume) as moved:
            missed = json.loads(moved.recv(timeout=5))
    assert [one["type"] for one in firsts] == ["snapshot"] * 2
    assert seconds[0] == seconds[1] == missed


def test_forwarded_headers_of_a_stranger_are_not_believed(web: WebProcess) -> None:
    web.get("/healthz", headers={"X-Forwarded-For": "7.7.7.7", "X-Request-ID": "who-asked"})
    assert web.logged("who-asked")["ip"] == "127.0.0.1"
