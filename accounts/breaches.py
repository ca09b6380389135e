"""Is a password known from a breach? Asked of a collection of them, which does not learn it.

Only the first five characters of its SHA-1 leave this machine; some thousand others share them,
and which of the ends that come back is ours is found out here. The collection pads its answers.
https://haveibeenpwned.com/API/v3#PwnedPasswords
"""

import hashlib
import http.client
import logging
import socket
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

log = logging.getLogger(__name__)
TIMEOUT_S = 2.0  # to be reached, at each of its addresses, and again for all of the answer
BYTES_MAX = 200_000  # an answer has some 80,000
TOLD = 5  # characters of the digest


def is_known(password: str) -> bool:
    """Whether breaches hold it; False where none is asked or none answers, which is logged."""
    if not settings.BREACHES_URL:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        ends = _ends(digest[:TOLD])
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        log.warning("breaches_silent: %s", type(error).__name__)
        return False
    counts = (line.partition(":") for line in ends.upper().splitlines())
    return any(end == digest[TOLD:] and count.strip("0 ") for end, _, count in counts)


def _ends(beginning: str) -> str:
    """The ends of all known digests that begin so, `END:COUNT` a line; padding counts 0."""
    where = urlsplit(settings.BREACHES_URL)
    sealed = where.scheme == "https"
    connect = http.client.HTTPSConnection if sealed else http.client.HTTPConnection
    connection = connect(where.netloc, timeout=TIMEOUT_S)
    connection.connect()
    # A byte now and then, or a `100 Continue` after the other, would hold the person for ever.
    hang_up = Timer(TIMEOUT_S, socket.socket.shutdown, (connection.sock, socket.SHUT_RDWR))
    hang_up.start()
    try:
        path = f"{where.path.rstrip('/')}/{beginning}"
        connection.request(
            "GET", path, headers={"Add-Padding": "true", "User-Agent": "Tradingsite"}
        )
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise http.client.HTTPException(f"answered {answer.status}")
        ends = answer.read(BYTES_MAX)
        if answer.length:  # Python lets it pass
            raise http.client.IncompleteRead(ends, answer.length)
        return ends.decode("ascii", "replace")
    finally:
        hang_up.cancel()
        connection.close()
