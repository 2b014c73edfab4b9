"""What is measured: eight requests, and what each of them may cost.

All but the document's carry an access token that is looked up in the database; the
caller is a leader of the team.
"""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from typing import Any

from apiserver.auth.tokens import ACCESS, SECRET, checksum


def token(prefix: str) -> str:
    """Return a token that is the same in every run, since each run counts anew."""
    text = prefix + "x" * 43
    return text + checksum(text)


USERS = 1000
TEAMS = 200
TEAM_SIZE = 10

ACCESS_TOKEN = token(ACCESS)
CLIENT_ID = "benchmark"
CLIENT_SECRET = token(SECRET)

BEARER = f"Bearer {ACCESS_TOKEN}"
BASIC = f"Basic {b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"


WORDS = cycle([b"Engineers", b"Designers"])


@dataclass(frozen=True)
class Workload:
    """One kind of request; ``budget`` is in thousands of instructions."""

    name: str
    method: str
    path: str
    status: int
    budget: int
    statements: int
    query: str = ""
    authorization: str = BEARER
    content_type: str = ""
    body: bytes = b""
    prefer: str = ""

    @property
    def title(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.name} {self.method} {self.path.removeprefix('/api/v1')}{query}"

    def next_body(self) -> bytes:
        """Return the body, with a word that is another one than the last time."""
        return self.body.replace(b"%s", next(WORDS))

    def environ(self) -> dict[str, Any]:
        """Return what a server makes of the request (PEP 3333)."""
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "5000",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:5000",
            "HTTP_USER_AGENT": "benchmark",
            "HTTP_ACCEPT": "*/*",
            "HTTP_AUTHORIZATION": self.authorization,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        body = self.next_body()
        environ["wsgi.input"] = BytesIO(body)
        if self.prefer:
            environ["HTTP_PREFER"] = self.prefer
        if body:
            environ["CONTENT_TYPE"] = self.content_type
            environ["CONTENT_LENGTH"] = str(len(body))
        return environ


WORKLOADS = (
    Workload("W1", "GET", "/api/v1/users/me", 200, budget=830, statements=1),
    Workload(
        "W2", "GET", "/api/v1/teams/", 200, budget=1455, statements=2, query="limit=20"
    ),
    Workload("W3", "GET", "/api/v1/teams/1", 200, budget=1425, statements=3),
    Workload(
        "W4",
        "POST",
        "/api/v1/teams/",
        201,
        budget=2555,
        statements=5,
        content_type="application/json",
        body=b'{"title": "Engineers"}',
    ),
    Workload(
        "W5",
        "POST",
        "/auth/oauth2/token",
        200,
        budget=2175,
        statements=4,
        authorization=BASIC,
        content_type="application/x-www-form-urlencoded",
        body=b"grant_type=client_credentials",
    ),
    Workload("W6", "OPTIONS", "/api/v1/teams/", 204, budget=850, statements=1),
    Workload(
        "W7",
        "GET",
        "/api/v1/swagger.json",
        200,
        budget=260,
        statements=0,
        authorization="",
    ),
    Workload(
        "W8",
        "PATCH",
        "/api/v1/teams/1",
        200,
        budget=3610,
        statements=8,
        content_type="application/json-patch+json",
        body=b'[{"op": "replace", "path": "/title", "value": "%s"}]',
    ),
)
