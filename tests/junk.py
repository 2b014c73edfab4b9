"""What a request may hold where its value could reach a header of the response.

Strings are WSGI's: of bytes, each a character (PEP 3333).
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.cookies import LOGIN, PLAIN_LOGIN, PLAIN_SESSION, SESSION

LINE = "\r\nX-Evil: 1"
JUNK = {
    "CR LF": LINE,
    "LF": LINE[1:],
    "CR": "\rX-Evil: 1",
    "NUL": "\0",
    "tab": "\t",
    "euro": "€".encode().decode("latin-1"),
    "DEL": "\x7f",
    "C1": "\x85",
    "C1 in UTF-8": "\xc2\x85",
    "surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "next line": "\u2028".encode().decode("latin-1"),
}
# They end the header in which they stand, so that nothing of them arrives.
ENDS_HEADER = re.compile(r"[\r\n\0]")

AUTHORIZE = "/auth/oauth2/authorize"
TEAMS = "/api/v1/teams"
COOKIES = (PLAIN_SESSION, PLAIN_LOGIN, SESSION, LOGIN)


class Sent(NamedTuple):
    """A request."""

    method: str
    target: str
    headers: dict[str, str] = {}

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.headers}"


def requests_with(junk: str) -> Iterator[Sent]:
    """Yield requests, each with the junk at another place."""
    escaped = quote(junk.encode("latin-1"))
    for value in (escaped, quote(escaped)):
        yield Sent("GET", f"/auth/login?next={AUTHORIZE}?x={value}")
        yield Sent("GET", f"/auth/login?next={value}")
        yield Sent("GET", f"{AUTHORIZE}?client_id=x&state={value}")
        yield Sent("GET", f"{TEAMS}?x={value}")
        yield Sent("GET", f"{TEAMS}/{value}/members")
        yield Sent("GET", f"{TEAMS}/?limit=1&title={value}&title={value}")
        yield Sent("GET", f"/swagger-ui/{value}")
        yield Sent("GET", f"/{value}")
    if not ENDS_HEADER.search(junk):
        yield from (Sent("GET", TEAMS + "/", headers) for headers in headers_with(junk))
        preflight = {"Access-Control-Request-Method": junk, "Origin": f"https://{junk}"}
        yield Sent("OPTIONS", TEAMS + "/", preflight)
        for name in COOKIES:
            yield Sent("GET", "/auth/login", {"Cookie": f"{name}={junk}"})


def headers_with(junk: str) -> Iterator[dict[str, str]]:
    """Yield headers of a request for a list, each with the junk."""
    for name in ("X-Request-Id", "traceparent", "If-None-Match", "X-Forwarded-Host"):
        yield {name: junk}
    yield {"Origin": junk}
    yield {"Origin": f"https://{junk}"}
    yield {"Prefer": f"count={junk}"}
    yield {"Prefer": f"count=none, {junk}"}
    yield {"Authorization": f"Bearer {junk}"}
    yield {"X-Forwarded-Prefix": f"/{junk}"}
    yield {"Accept-Encoding": junk}


def assert_clean(status: int, headers: Any) -> None:
    """Check that a response has nothing in its headers that nobody has put there."""
    assert status < 500
    for name, value in headers:
        assert re.fullmatch(r"[A-Za-z-]+", name)
        assert name.lower() != "x-evil"
        assert re.fullmatch(r"[ -~]*", value), (name, value)
