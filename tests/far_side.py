"""A web server on this machine that answers what a test told it to: the far side of a fetch."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """One answer; `slow_s` passes before every byte of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    slow_s: float = 0.0


@dataclass
class FarSide:
    """The server: what it answers by path, and what it was asked."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, *, host: str = "127.0.0.1") -> str:
        """The address of a page."""
        return f"http://{host}:{self.port}{path}"

    def say(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> str:
        """Answer so from now on, headers written `content_type`; gives back the address."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Page(body, status, told)
        return self.url(path)

    def headers(self, place: int = -1) -> dict[str, str]:
        """The headers of a request, by lower-case name."""
        return self.asked[place][1]


def _handler(far: FarSide) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = {name.lower(): value for name, value in self.headers.items()}
            far.asked.append((self.path, told))
            page = far.pages.get(self.path.partition("?")[0], Page(status=404))
            etag = page.headers.get("etag")
            if etag and told.get("if-none-match") == etag:
                page = Page(status=304, headers={"etag": etag})
            self._answer(page)

        do_POST = do_GET  # noqa: N815

        def _answer(self, page: Page) -> None:
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(page.body)))
            self.end_headers()
            try:
                for byte in page.body if page.slow_s else b"":
                    time.sleep(page.slow_s)
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                if not page.slow_s:
                    self.wfile.write(page.body)
            except OSError:
                return  # whoever asked has heard enough

        def log_message(self, *args: object) -> None:
            return

    return Handler


@contextmanager
def far_side() -> Iterator[FarSide]:
    """A server on a free port of 127.0.0.1, for the length of the block."""
    far = FarSide()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(far))
    far.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield far
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
