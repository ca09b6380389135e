"""How does the web process start and end? `python -m tradingsite.launcher --port 8000`.

Our own few lines instead of the `uvicorn` command, because the listening socket needs an option,
a port that is taken needs an exit code of its own, and open event streams must not hold the exit.
"""

import argparse
import contextlib
import os
import resource
import socket
import sys
from pathlib import Path

import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

from django.conf import settings

from core.push.hub import hub

PORT_TAKEN = 3  # exit code; to start again would change nothing
FRAME_BYTES_MAX = 4096
GRACE_S = 10
KEEP_ALIVE_S = 75  # longer than proxies and clients keep an idle connection in their pools
# Bytes the kernel may hold that were not sent yet. With its default of megabytes, a page that has
# stalled would be shown seconds of old prices before the server notices that it has.
NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}
NOTSENT_BYTES = 16 * 1024


class Server(uvicorn.Server):
    """uvicorn, which ends the event streams before it waits for connections to close."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Websockets close with 1012, requests in flight are finished."""
        hub.close()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """The listening socket, whose options every accepted one inherits. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.suppress(KeyError, OSError):
        option = NOTSENT_LOWAT[sys.platform]
        listening.setsockopt(socket.IPPROTO_TCP, option, NOTSENT_BYTES)
    listening.bind((host, port))
    listening.listen(2048)
    return listening


def listen_at(path: Path) -> socket.socket:
    """A listening Unix socket; one that an earlier process left is replaced. Raises OSError."""
    if path.is_socket():
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(2048)
    return listening


def config() -> uvicorn.Config:
    """What the server is told."""
    return uvicorn.Config(
        "tradingsite.asgi:application",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=FRAME_BYTES_MAX,
        proxy_headers=False,  # `tradingsite.forwarded` sees to them
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


def main() -> int:
    """Serve until a signal ends it; exit code 3 when the port is taken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=settings.PORT)
    arguments.add_argument("--socket", type=Path, help="a Unix socket in place of a port")
    given = arguments.parse_args()
    by_path: Path | None = given.socket
    try:
        listening = listen_at(by_path) if by_path else listen(given.host, given.port)
    except OSError as error:
        where = by_path or f"Port {given.port} of {given.host}"
        sys.stderr.write(f"{where} cannot be used: {error.strerror}\n")
        return PORT_TAKEN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Server(config()).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
