"""A client's own pages, at several origins."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class Pages:
    """The origins of the client; ``/hop`` leads on to where the test says."""

    def __init__(self, servers: list[Any]) -> None:
        self.here, self.there, self.ipv6 = map(origin, servers)
        self.leads_to = ""
        for server in servers:
            server.pages = self


class Page(BaseHTTPRequestHandler):
    """Says that the browser has arrived, or leads on."""

    def do_GET(self) -> None:
        server: Any = self.server
        hops = urlsplit(self.path).path == "/hop"
        if hops:
            self.send_response(302)
            self.send_header("Location", server.pages.leads_to)
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name)
        pass


def origin(server: Any) -> str:
    host, port = server.server_address[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def pages() -> Iterator[Pages]:
    """Serve two origins of IPv4 and one of IPv6."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(kind((host, 0), Page))
            for kind, host in (
                (ThreadingHTTPServer, "127.0.0.1"),
                (ThreadingHTTPServer, "127.0.0.1"),
                (IPv6Server, "::1"),
            )
        ]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
        yield Pages(servers)
