"""Which names may a client know us by? Those of ALLOWED_HOSTS, where Django is not asked."""

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_addressed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request names exactly one host, and that one is ours."""
    hosts = [value for name, value in headers if name == b"host"]
    return len(hosts) == 1 and is_ours(hosts[0].decode("latin-1"))


@lru_cache(maxsize=64)
def is_ours(host: str) -> bool:
    """Whether `host`, with or without a port, is one of ALLOWED_HOSTS."""
    name, _port = split_domain_port(host.lower())
    return validate_host(name, settings.ALLOWED_HOSTS)
