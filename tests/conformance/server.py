"""The application as a process of its own, called over HTTP alone."""

import base64
import json
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from tests.factories import CLIENT_SECRET
from tests.served import Program, clean_environment
from tests.settings import shipped_ini

FORM = "application/x-www-form-urlencoded"

# What lets coverage measure the servers, too.
MEASURED = {k: v for k, v in os.environ.items() if k.startswith("COV")}

_PORTS = re.compile(r"^Serving at (\[.*\])$", re.MULTILINE)

# The issuer of testing.ini; the server itself listens elsewhere, as behind a proxy.
ISSUER = "https://api.example.com"
# A page that may call the API.
ORIGIN = "https://app.example.com"


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header of HTTP Basic, both parts form-encoded (RFC 6749 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def credentials(client: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the fields by which a client says who it is."""
    if client is None:
        return {}, {}
    if client.client_type == "public":
        return {}, {"client_id": client.client_id}
    return basic(client.client_id, CLIENT_SECRET), {}


class Server:
    """A running server; any status is fine, no redirect is followed."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log
        # Browsers keep their own cookies.
        cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self.http = httpx.Client(
            base_url=url, cookies=cookies, timeout=60, trust_env=False
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **kw: Any,
    ) -> httpx.Response:
        """Send a request, with an access token where one is given."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.request(method, path, headers=headers, **kw)

    def post_body(
        self,
        client: Any,
        body: str | bytes,
        path: str = "/auth/oauth2/token",
        content_type: str = FORM,
    ) -> httpx.Response:
        """Post a body as it is, as the client."""
        headers, _ = credentials(client)
        headers["Content-Type"] = content_type
        return self.call("POST", path, content=body, headers=headers)

    def post(
        self,
        endpoint: str,
        client: Any = None,
        /,
        *,
        headers: dict[str, str] | None = None,
        **form: str,
    ) -> httpx.Response:
        """Post a form to an endpoint of OAuth2, such as ``token``, as the client."""
        own_headers, fields = credentials(client)
        return self.call(
            "POST",
            f"/auth/oauth2/{endpoint}",
            headers={"Content-Type": FORM, **own_headers, **(headers or {})},
            content=urlencode({**fields, **form}),
        )

    def raw(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send bytes as they are; return status, headers and body."""
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), 30) as sock:
            sock.sendall(request)
            response = HTTPResponse(sock)
            response.begin()
            return response.status, dict(response.headers), response.read()

    def get_raw(self, target: bytes, *headers: bytes) -> int:
        """Send a GET of a target that no library would send; return the status."""
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: x", b"Connection: close"]
        status, _, _ = self.raw(b"\r\n".join([*lines, *headers, b"", b""]))
        return status


@contextmanager
def running(
    directory: Path, variants: Mapping[str, dict[str, str]]
) -> Iterator[dict[str, Server]]:
    """Serve testing.ini with the settings of each variant, by a process for each.

    All that can be logged is in ``server.log``.
    """
    ini, log = directory / "server.ini", directory / "server.log"
    text = shipped_ini("testing.ini")
    ini.write_text(text.replace("level = WARN", "level = DEBUG", 1))
    command = ["python", "-m", "tests.conformance.serve", ini]
    environment = clean_environment(**MEASURED)
    with (
        Program(command, log, environment=environment, stdin=PIPE) as program,
        ExitStack() as stack,
    ):
        program.tell(json.dumps(list(variants.values())))
        program.until(lambda: _PORTS.search(program.said()))
        ports = json.loads(_PORTS.findall(program.said())[0])
        servers = [Server(f"http://127.0.0.1:{port}", log) for port in ports]
        for server in servers:
            stack.enter_context(server.http)
        yield dict(zip(variants, servers, strict=True))
