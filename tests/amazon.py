"""AWS on this machine: moto's server, reached by the very clients the site uses."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from core import aws

BUCKET = "tradingsite-test"


@dataclass(frozen=True)
class Amazon:
    """Where it answers, and a bucket in it."""

    url: str
    bucket: str = BUCKET

    @property
    def s3(self) -> Any:
        return aws.client("s3")


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def amazon(
    moto_server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Amazon]:
    """An account with one empty bucket."""
    httpx.post(f"{moto_server}/moto-api/reset").raise_for_status()
    point_at(moto_server, settings, monkeypatch)
    aws.client("s3").create_bucket(Bucket=BUCKET)
    yield Amazon(moto_server)
    aws._made.cache_clear()


def point_at(url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every AWS client of this process ask there, with credentials of no worth."""
    for name, value in (
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "canary-of-aws"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL, settings.AWS_REGION = url, "us-east-1"
    aws._made.cache_clear()
