"""Requests that can be made longer and longer, up to what the server reads.

Each kind is what some parser could be slow at. ``KINDS`` has them by their names: a
function of a length in bytes, and the greatest length.
"""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import webtest

from apiserver.auth.oauth import MAX_AUTH_BODY, MAX_LOGIN_QUERY
from apiserver.core.http import FORM, JSON, MAX_QUERY, MULTIPART
from apiserver.core.http.forms import MAX_FORM
from apiserver.core.http.special import MAX_BODY
from apiserver.core.schemas.patch import JSON_PATCH

# An application with these takes whatever a setting can make it take.
LENIENT = {
    "trusted_proxies": "127.0.0.1",
    "cors_origins": "*",
    "oauth2_multipart": "true",
    "oauth2_query_parameters": "true",
}
# The greatest lengths; with what is around them, a request is within its limit.
LONG_FORM = MAX_FORM - 400
LONG_BODY = MAX_BODY - 400
LONG_AUTH_BODY = MAX_AUTH_BODY - 400

# Of all headers together, as the shipped servers have it.
MAX_HEADERS = 60 * 1024

USERS, TEAMS, TEAM = "/api/v1/users/", "/api/v1/teams/", "/api/v1/teams/1"
TOKEN, LOGIN, AUTHORIZE = "/auth/oauth2/token", "/auth/login", "/auth/oauth2/authorize"
PARTS = f"{MULTIPART}; boundary=x"
ACCENTS = "\u0301\u0327"


class Sent(NamedTuple):
    """A request; the path has its query."""

    method: str
    path: str
    body: bytes = b""
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Kind(NamedTuple):
    make: Callable[[int], Sent]
    most: int


def part(disposition: str, value: str = "a") -> str:
    return f"--x\r\nContent-Disposition: {disposition}\r\n\r\n{value}\r\n"


def parts(text: str) -> bytes:
    return f"{text}--x--\r\n".encode()


NAMED = 'form-data; name="a"'
FORMS: dict[str, Callable[[int], bytes]] = {
    "semicolons": lambda n: parts(part('form-data; name="' + ";" * n)),
    "backslashes": lambda n: parts(part('form-data; name="' + "\\" * n)),
    "spaces": lambda n: parts(part("form-data;" + " " * n + "=")),
    "options": lambda n: parts(part("form-data" + '; a="\\' * (n // 6))),
    "headers": lambda n: parts("--x\r\n" + "a: b\r\n" * (n // 6) + "\r\n"),
    "folded": lambda n: parts(f"--x\r\nA: {NAMED}\r\n" + " b\r\n" * (n // 4)),
    "header": lambda n: parts("--x\r\n" + "a" * n),
    "parts": lambda n: parts(part(NAMED) * (n // 50)),
    "empty-lines": lambda n: parts(part(NAMED, "\r\n" * (n // 2))),
    "near-boundaries": lambda n: parts(part(NAMED, "\r\n--" * (n // 4))),
    "preamble": lambda n: b"a\r\n" * (n // 3),
    "value": lambda n: parts(part(NAMED, "a" * n)),
    "nested": lambda n: parts(
        "".join(
            f"--x\r\nContent-Type: multipart/mixed; boundary={i}\r\n\r\n--{i}\r\n"
            for i in range(n // 60)
        )
    ),
}
FIELDS: dict[str, Callable[[int], bytes]] = {
    "fields": lambda n: b"a=1&" * (n // 4),
    "names": lambda n: b"&".join(b"a%d=1" % i for i in range(n // 8)),
    "ampersands": lambda n: b"&" * n,
    "escaped": lambda n: b"a=" + b"%41" * (n // 3),
    "percents": lambda n: b"a=" + b"%" * n,
    "pluses": lambda n: b"a=" + b"+" * n,
    "tokens": lambda n: b"&access_token" * (n // 13),
}
DOCUMENTS: dict[str, Callable[[int], bytes]] = {
    "open": lambda n: b"[" * n,
    "nested": lambda n: b"[" * (n // 2) + b"]" * (n // 2),
    "lists": lambda n: b"[" + b"[]," * (n // 3) + b"[]]",
    "chains": lambda n: b"[" + b"[[[[[[[[[[]]]]]]]]]]," * (n // 21) + b"[]]",
    "names": lambda n: json.dumps({f"a{i}": 1 for i in range(n // 12)}).encode(),
    "integer": lambda n: b'{"a":' + b"9" * n + b"}",
    "fraction": lambda n: b'{"a":0.' + b"9" * n + b"}",
    "exponent": lambda n: b'{"a":1e' + b"9" * n + b"}",
    "tiny": lambda n: b'{"a":1e-' + b"9" * n + b"}",
    "escapes": lambda n: b'{"a":"' + b"\\u0041" * (n // 6) + b'"}',
    "quotes": lambda n: b'{"a":[' + b'"",' * (n // 3) + b'""]}',
    "quoted": lambda n: b'{"a":"' + b'\\"' * (n // 2) + b",,,",
    "commas": lambda n: b'{"a":"' + b"," * n + b'"}',
    "colons": lambda n: b'{"a":"' + b":" * n + b'"}',
    "spaces": lambda n: b'{"a":' + b" " * n + b"1}",
    "name": lambda n: b'{"' + b"a" * n + b'":1}',
}

ACCOUNT = {"username": "abcdef", "email": "abc@example.com", "password": "short"}
VALUES: dict[str, Callable[[int], dict[str, str]]] = {
    "username": lambda n: {"username": "a" * n},
    "accents": lambda n: {"username": "a" + ACCENTS * (n // 12)},
    "at-signs": lambda n: {"email": "@" * n},
    "dots": lambda n: {"email": "a." * (n // 2) + "@b.example"},
    "domain": lambda n: {"email": "a@" + "b." * (n // 2) + "example"},
    "quotes": lambda n: {"email": '"' * (n // 2) + "@b.example"},
    "password": lambda n: {"password": "ab1" * (n // 3)},
    "captcha": lambda n: {"recaptcha_key": "a" * n},
}


def signup(values: dict[str, str]) -> Sent:
    return Sent("POST", USERS, json.dumps({**ACCOUNT, **values}).encode(), JSON)


def op(name: str, path: str, value: Any = None, **more: str) -> dict[str, Any]:
    return {"op": name, "path": path, "value": value, **more}


def copy(path: str, source: str) -> dict[str, Any]:
    return op("copy", path, **{"from": source})


PATCHES: dict[str, Callable[[int], list[Any]]] = {
    "operations": lambda n: [op("replace", "/title", "abc")] * (n // 55),
    "deep-path": lambda n: [op("test", "/title" + "/a" * (n // 2))],
    "deep-paths": lambda n: [op("test", "/title" + "/a" * (n // 200))] * 99,
    "tildes": lambda n: [op("test", "/title" + "~0" * (n // 2))],
    "index": lambda n: [op("replace", "/title", []), op("add", "/title/" + "9" * n)],
    "field": lambda n: [op("test", "/" + "a" * n)],
    "values": lambda n: [op("replace", "/title", "a" * (n // 110))] * 99,
}
# Of these the length is the number of operations.
MANY: dict[str, Callable[[int], list[Any]]] = {
    "copies-of-text": lambda n: [
        op("replace", "/title", {"a": "a" * 60_000}),
        *[copy("/title/a", "/title/a")] * (n - 1),
    ],
    "copies-of-lists": lambda n: [
        op("replace", "/title", {"a": [[]] * 450}),
        *[copy("/title/b", "/title/a")] * (n - 1),
    ],
    "copies-in-itself": lambda n: [
        op("replace", "/title", {}),
        *[copy("/title/a", "/title")] * (n - 1),
    ],
    "doubled": lambda n: [
        op("replace", "/title", [1]),
        *[copy("/title/-", "/title")] * (n - 1),
    ],
    "deeper": lambda n: [
        op("replace", "/title", {}),
        *[copy("/title" + "/a" * i, "/title") for i in range(1, n)],
    ],
}

# What the value of a header can be made of.
VALUES_OF_HEADERS: dict[str, Callable[[int], str]] = {
    "items": lambda n: "a," * (n // 2),
    "commas": lambda n: "," * n,
    "quotes": lambda n: '"' * n,
    "qualities": lambda n: "gzip;q=0.5," * (n // 11),
    "digits": lambda n: "a;q=0." + "0" * n,
    "semicolons": lambda n: ";" * n,
    "spaces": lambda n: " " * n + "x",
    "spaced": lambda n: " ," * (n // 2) + "x",
    "backslashes": lambda n: '"' + "\\" * n,
    "parameters": lambda n: "a/b" + ";a=b" * (n // 4),
    "tags": lambda n: 'W/"a",' * (n // 6),
    "ranges": lambda n: "bytes=" + "0-1," * (n // 4),
}
# Each refuses what follows it, so these are sent alone.
ALONE = (
    *("Authorization", "Content-Encoding", "Host", "If-Match", "X-Forwarded-For"),
    *("X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Proto"),
)
# The others at once.
TOGETHER = (
    *("Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Forwarded"),
    *("If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Prefer", "Range"),
    *("X-Request-Id", "X-Written-At"),
)
# A list, an object that has a version, a page, a file.
PLACES = (
    TEAMS,
    TEAM,
    LOGIN,
    "/documentation/documentation.css",
)

QUERIES: dict[str, Callable[[int], str]] = {
    "parameters": lambda n: "a=1&" * (n // 4),
    "names": lambda n: "&".join(f"a{i}" for i in range(n // 6)),
    "ampersands": lambda n: "&" * n,
    "escaped": lambda n: "a=" + "%C3%A9" * (n // 6),
    "percents": lambda n: "%" * n,
    "states": lambda n: "&".join(["state=1"] * (n // 8)),
    "scopes": lambda n: "scope=" + "a+" * (n // 2),
    "addresses": lambda n: "redirect_uri=http://[" + "1:" * (n // 2),
    "next": lambda n: f"next={AUTHORIZE}?client_id=x%26scope=" + "%2525" * (n // 5),
    "limit": lambda n: "limit=" + "9" * n,
    "sort": lambda n: "sort=" + "-" * n,
    "cursor": lambda n: "after=" + "a" * n,
    "moment": lambda n: "created_from=2026-03-01T00:00:00." + "0" * n + "Z",
}
PATHS: dict[str, Callable[[int], str]] = {
    "slashes": lambda n: "/" * n,
    "segments": lambda n: TEAMS + "a/" * (n // 2),
    "digits": lambda n: TEAMS + "9" * n,
    "dots": lambda n: "/swagger-ui/" + "../" * (n // 3),
    "accents": lambda n: "/" + "%C3%A9" * (n // 6),
}
BASIC: dict[str, Callable[[int], bytes]] = {
    "percents": lambda n: b"%41" * (n // 5),
    "colons": lambda n: b":" * (n * 3 // 4),
    "name": lambda n: b"a" * (n * 3 // 4),
}
TOKENS: dict[str, Callable[[int], bytes]] = {
    "scope": lambda n: b"grant_type=client_credentials&scope=" + b"a+" * (n // 2),
    "client": lambda n: b"grant_type=client_credentials&client_id=" + b"a" * n,
    "verifier": lambda n: b"grant_type=authorization_code&code_verifier=" + b"a" * n,
    "token": lambda n: b"grant_type=refresh_token&refresh_token=" + b"a" * n,
    # The client is public: the name is looked up.
    "accents": lambda n: (
        b"grant_type=password&client_id=public&password=x&username=a"
        + (ACCENTS * (n // 4)).encode()
    ),
    "password": lambda n: (
        b"grant_type=password&client_id=public&username=a&password=" + b"a" * n
    ),
}


def bodies() -> Iterator[tuple[str, Kind]]:
    """Yield the kinds of requests with a body."""

    def post(path: str, content_type: str, make: Callable[[int], bytes]) -> Any:
        return lambda n: Sent("POST", path, make(n), content_type)

    for name, make in FORMS.items():
        yield f"multipart-{name}", Kind(post(USERS, PARTS, make), LONG_FORM)
    for name, make in FIELDS.items():
        yield f"form-{name}", Kind(post(USERS, FORM, make), LONG_FORM)
        yield f"token-form-{name}", Kind(post(TOKEN, FORM, make), LONG_AUTH_BODY)
        yield f"login-form-{name}", Kind(post(LOGIN, FORM, make), LONG_AUTH_BODY)
    for name, make in DOCUMENTS.items():
        yield f"json-{name}", Kind(post(USERS, JSON, make), LONG_BODY)
    for name, make in TOKENS.items():
        yield f"token-{name}", Kind(post(TOKEN, FORM, make), LONG_AUTH_BODY)
    for name, value in VALUES.items():
        yield (
            f"account-{name}",
            Kind(lambda n, value=value: signup(value(n)), LONG_BODY),
        )
    for name, patch in {**PATCHES, **MANY}.items():
        most = 100 if name in MANY else LONG_BODY
        yield f"patch-{name}", Kind(patching(patch), most)


def patching(patch: Callable[[int], list[Any]]) -> Callable[[int], Sent]:
    return lambda n: Sent("PATCH", TEAM, json.dumps(patch(n)).encode(), JSON_PATCH)


def headers() -> Iterator[tuple[str, Kind]]:
    """Yield the kinds of requests with a long header."""
    for name, value in VALUES_OF_HEADERS.items():
        for place in PLACES:
            kind = Kind(with_headers(place, TOGETHER, value), MAX_HEADERS)
            yield f"headers-{name}-{place}", kind
        for header in ALONE:
            kind = Kind(with_headers(TEAM, (header,), value), MAX_HEADERS)
            yield f"{header}-{name}", kind
        for prefix in ("", f"{MULTIPART}; boundary=", f"{MULTIPART}; "):
            kind = Kind(of_type(prefix, value), MAX_HEADERS)
            yield f"type-{prefix}{name}", kind
    for name, credentials in BASIC.items():
        yield f"basic-{name}", Kind(with_basic(credentials), MAX_HEADERS)


def urls() -> Iterator[tuple[str, Kind]]:
    """Yield the kinds of requests with a long URL."""
    for name, query in QUERIES.items():
        for place in (TEAMS, AUTHORIZE, LOGIN):
            most = MAX_LOGIN_QUERY if place == LOGIN else MAX_QUERY
            yield f"query-{name}-{place}", Kind(asking(place, query), most - 100)
    for name, path in PATHS.items():
        kind = Kind(lambda n, path=path: Sent("GET", path(n)), MAX_HEADERS)
        yield f"path-{name}", kind


def with_headers(place: str, names: tuple[str, ...], value: Any) -> Any:
    method = "DELETE" if "If-Match" in names else "GET"
    return lambda n: Sent(
        method, place, headers=tuple((name, value(n)) for name in names)
    )


def of_type(prefix: str, value: Any) -> Callable[[int], Sent]:
    return lambda n: Sent("POST", TEAMS, b"--x--", prefix + value(n))


def with_basic(credentials: Callable[[int], bytes]) -> Callable[[int], Sent]:
    def make(n: int) -> Sent:
        encoded = base64.b64encode(credentials(n)).decode()
        header = ("Authorization", f"Basic {encoded}")
        body = b"grant_type=client_credentials"
        return Sent("POST", TOKEN, body, FORM, (header,))

    return make


def asking(place: str, query: Callable[[int], str]) -> Callable[[int], Sent]:
    return lambda n: Sent("GET", f"{place}?{query(n)}")


def environ_of(sent: Sent, token: str) -> dict[str, Any]:
    """Return what a server makes of the request (PEP 3333)."""
    path, _, query = sent.path.partition("?")
    request = webtest.TestRequest.blank(path, method=sent.method, body=sent.body)
    request.headers.update({"Authorization": f"Bearer {token}", **dict(sent.headers)})
    environ: dict[str, Any] = request.environ
    environ |= {"QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1"}
    for name in ("CONTENT_TYPE", "webob.is_body_seekable"):
        environ.pop(name, None)
    if sent.content_type is not None:
        environ["CONTENT_TYPE"] = sent.content_type
    return environ


def call(app: Any, environ: dict[str, Any]) -> int:
    """Send the request, read the response, and return its status."""
    statuses: list[str] = []
    response = app(environ, lambda status, headers, error=None: statuses.append(status))
    for _ in response:
        pass
    if hasattr(response, "close"):
        response.close()
    return int(statuses[-1][:3])


KINDS: dict[str, Kind] = {**dict(bodies()), **dict(headers()), **dict(urls())}
