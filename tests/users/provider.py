"""A captcha provider: an HTTP server of this machine that answers what a test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Answer = Callable[[BaseHTTPRequestHandler], None]


class Provider(ThreadingHTTPServer):
    """Remembers the forms that it was sent; ``answer`` writes to the connection."""

    daemon_threads = True
    answer: Answer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forms: list[dict[str, list[str]]] = []
        self.followed: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/siteverify"


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.forms.append(parse_qs(body.decode(), strict_parsing=True))
        self.server.answer(self)

    def do_GET(self) -> None:
        """Say yes to whoever follows a redirect."""
        self.server.followed.append(self.path)
        says(b'{"success": true}')(self)

    def log_message(self, *args: Any) -> None:
        """Say nothing on the standard error."""


def says(body: bytes, status: int = 200, length: int | None = None) -> Answer:
    """Make the answer of a body; ``length`` is what its header claims."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        claimed = len(body) if length is None else length
        handler.send_header("Content-Length", str(claimed))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirects(status: int, url: str) -> Answer:
    """Make the answer that leads elsewhere."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def drips(event: threading.Event, *, head: bytes = b"") -> Answer:
    """Make the answer that comes byte by byte, and is whole after the event alone."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while not event.wait(0.02):
            handler.wfile.write(b"x")

    return answer


def writes(raw: bytes) -> Answer:
    """Make the answer of raw bytes, which need not be HTTP."""
    return lambda handler: handler.wfile.write(raw)


def waits_for(event: threading.Event) -> Answer:
    """Make the answer that comes after the event, too late."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        event.wait(10)
        says(b'{"success": true}')(handler)

    return answer


@contextmanager
def serve() -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
