"""How is AWS reached? One place for boto3's clients, and its errors sorted by remedy.

Credentials come from boto3's own chain, and AWS_ENDPOINT_URL moves every service elsewhere: there
is no second way for tests. boto3 is heavy, so only tasks and commands come here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from django.conf import settings

from core.errors import Broken, Retryable

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 20.0
TRIES = 4  # botocore's own, with growing pauses, of what it knows to be passing
CONNECTIONS_MAX = 16
PASSING_STATUS = (408, 429, 500, 502, 503, 504)
PASSING = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"),
        *("RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown"),
        *("PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestTimeout"),
        *("InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict"),
    }
)
ABSENT = frozenset({"NoSuchKey", "404", "NotFound", "NoSuchLifecycleConfiguration"})
# Nothing came back, or not all of it: the same request may be sent again.
UNREACHED = (
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
    exceptions.IncompleteReadError,
    exceptions.FlexibleChecksumError,
)

_one_at_a_time = Lock()  # making a client is not safe in threads; using one is


class Absent(Broken):
    """What was asked for is not there."""


def client(service: str) -> Any:
    """This process's client of a service, for example `s3`; threads share it.

    Raises Broken where boto3 finds no region or the settings do not fit together. Use it inside
    `translated`.
    """
    try:
        with _one_at_a_time, translated(f"{service} client"):
            return _made(service)
    except ValueError as error:  # an endpoint that is no address
        raise Broken(f"{service} client: look at AWS_ENDPOINT_URL.") from error


@cache
def _made(service: str) -> Any:
    # Buckets as names of hosts do not resolve at a local endpoint.
    style = "path" if settings.AWS_ENDPOINT_URL else "auto"
    return boto3.session.Session().client(
        service,
        config=Config(
            region_name=settings.AWS_REGION or None,
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=CONNECTIONS_MAX,
            s3={"addressing_style": style},
        ),
    )


@contextmanager
def translated(deed: str) -> Iterator[None]:
    """Turn AWS errors of the block into ours: Retryable, Absent, or Broken for an operator.

    `deed` says what was tried. What the service wrote is left out: it may quote names of keys.
    """
    try:
        yield
    except exceptions.ClientError as error:
        raise _refusal(deed, error) from error
    except UNREACHED as error:
        raise Retryable(f"{deed}: AWS did not answer ({type(error).__name__}).") from error
    except (exceptions.BotoCoreError, boto3.exceptions.Boto3Error) as error:
        raise Broken(f"{deed}: {type(error).__name__}; look at the AWS settings.") from error


def _refusal(deed: str, error: exceptions.ClientError) -> Broken | Retryable:
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in ABSENT:
        return Absent(f"{deed}: not there.")
    if code in PASSING or status in PASSING_STATUS:
        return Retryable(f"{deed}: AWS is busy ({code}).")
    return Broken(f"{deed}: AWS refused ({code}).", aws_code=code)
