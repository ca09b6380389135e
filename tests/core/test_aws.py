"""AWS errors by remedy: come back later, not there, or a person has to look."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pytest_django.fixtures import Settings

from core import aws
from core.aws import Absent
from core.errors import Broken, PlatformError, Retryable
from tests.amazon import Amazon, point_at

Refusing = Callable[[int, str], list[str]]


@pytest.fixture
def refusing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    """An S3 that answers everything with one status and code; gives the list of what it got."""
    asked: list[str] = []
    said: list[tuple[int, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = f"<Error><Code>{said[-1][1]}</Code><Message>AKIDSECRET</Message></Error>"
            self.send_response(said[-1][0])
            missing = 10 if said[-1][1] == "Cut" else 0
            self.send_header("Content-Length", str(len(body) + missing))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    point_at(f"http://127.0.0.1:{server.server_port}", settings, monkeypatch)
    monkeypatch.setattr(aws, "TRIES", 2)

    def refuse(status: int, code: str) -> list[str]:
        said.append((status, code))
        return asked

    yield refuse
    server.shutdown()
    server.server_close()
    aws._made.cache_clear()


def failure() -> PlatformError:
    with pytest.raises(PlatformError) as raised, aws.translated("S3 get lake/one"):
        aws.client("s3").get_object(Bucket="b", Key="lake/one")["Body"].read()
    return raised.value


@pytest.mark.parametrize(
    ("status", "code", "family", "tries"),
    [
        (503, "SlowDown", Retryable, 2),
        (500, "InternalError", Retryable, 2),
        (200, "Cut", Retryable, 1),
        (404, "NoSuchKey", Absent, 1),
        (404, "NoSuchBucket", Broken, 1),
        (403, "AccessDenied", Broken, 1),
        (403, "InvalidObjectState", Broken, 1),
    ],
)
def test_a_refusal_is_sorted_by_what_to_do(
    refusing: Refusing, status: int, code: str, family: type[PlatformError], tries: int
) -> None:
    asked = refusing(status, code)
    error = failure()
    assert type(error) is family
    assert error.message.startswith("S3 get lake/one: ")
    assert "AKID" not in error.message
    assert len(asked) == tries


def test_nobody_at_the_address_means_come_back_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "TRIES", 1)
    point_at("http://127.0.0.1:9", settings, monkeypatch)
    assert type(failure()) is Retryable
    aws._made.cache_clear()


def test_no_credentials_are_for_an_operator(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at("http://127.0.0.1:9", settings, monkeypatch)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert failure().message == ("S3 get lake/one: NoCredentialsError; look at the AWS settings.")
    aws._made.cache_clear()


def test_an_endpoint_that_is_no_address_is_for_an_operator(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at("nowhere at all", settings, monkeypatch)
    assert failure().message == "s3 client: look at AWS_ENDPOINT_URL."
    aws._made.cache_clear()


def test_threads_share_one_client(amazon: Amazon) -> None:
    assert aws.client("s3") is aws.client("s3")
