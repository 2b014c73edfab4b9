"""A provider: an HTTP server of this machine, of OpenID Connect and of GitHub's API.

It is as it should be, until a test gives it other claims, or another answer at a path.
"""

import base64
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.users.provider import says

CLIENT_ID = "our-client"
CLIENT_SECRET = "the secret of our client".replace(" ", "-")
BASIC = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()

Answer = Callable[[BaseHTTPRequestHandler], None]


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})


class Issuer(ThreadingHTTPServer):
    """``claims`` are those of who signs in; ``metadata`` and ``answers`` change it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = self.first_key = new_key()
        self.reset()

    def reset(self) -> None:
        self.key = self.first_key
        self.claims: dict[str, Any] = {
            "sub": "a1",
            "email": "ada@example.com",
            "email_verified": True,
            "preferred_username": "ada",
        }
        self.told: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, Answer] = {}
        self.github = {"id": 583231, "login": "octocat"}
        self.emails: list[Any] = [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "ada@example.com", "primary": True, "verified": True},
        ]
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def signed(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        """Return the ID token of the claims."""
        key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key)

    def authorize(self, query: dict[str, str]) -> dict[str, str]:
        """Return what the browser is led back with, by a user who agrees."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def redeem(self, form: dict[str, str]) -> dict[str, str]:
        """Take a code, and return what it was given for; raise KeyError."""
        asked = self.codes.pop(form["code"])
        challenge = sha256(form["code_verifier"].encode()).digest()
        encoded = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        is_right = (
            asked["code_challenge"] == encoded
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == form["redirect_uri"]
        )
        if not is_right:
            raise KeyError(form["code"])
        return asked

    def id_token(self, asked: dict[str, str]) -> str:
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 60,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return self.sign({name: each for name, each in claims.items() if each != ""})


class Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.answer(path, dict(parse_qsl(query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(self.path, dict(parse_qsl(body)))

    def answer(self, path: str, form: dict[str, str]) -> None:
        self.server.asked.append(path)
        if path in self.server.answers:
            self.server.answers[path](self)
            return
        find = {
            "/.well-known/openid-configuration": self.metadata,
            "/authorize": self.authorize,
            "/token": self.token,
            "/keys": self.keys,
            "/me": self.me,
            "/login/oauth/authorize": self.authorize,
            "/login/oauth/access_token": self.github_token,
            "/api/v3/user": self.github_user,
            "/api/v3/user/emails": self.github_emails,
        }
        find[path](form)

    def send(self, document: Any, status: int = 200) -> None:
        says(orjson.dumps(document), status=status)(self)

    def metadata(self, form: dict[str, str]) -> None:
        url = self.server.url
        document = {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "userinfo_endpoint": f"{url}/me",
        }
        self.send({**document, **self.server.metadata})

    def authorize(self, form: dict[str, str]) -> None:
        query = urlencode(self.server.authorize(form))
        self.send_response(303)
        self.send_header("Location", f"{form['redirect_uri']}?{query}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def token(self, form: dict[str, str]) -> None:
        if self.headers["Authorization"] != f"Basic {BASIC}":
            self.send({"error": "invalid_client"}, 401)
            return
        try:
            asked = self.server.redeem(form)
        except KeyError:
            self.send({"error": "invalid_grant"}, 400)
            return
        token = {"access_token": "its-token", "token_type": "Bearer"}
        self.send({**token, "id_token": self.server.id_token(asked)})

    def keys(self, form: dict[str, str]) -> None:
        self.send({"keys": [self.server.key.as_dict(private=False)]})

    def bears_token(self) -> bool:
        return self.headers["Authorization"] == "Bearer its-token"

    def me(self, form: dict[str, str]) -> None:
        self.send(self.server.told if self.bears_token() else {}, 200)

    def github_token(self, form: dict[str, str]) -> None:
        known = (form.get("client_id"), form.get("client_secret"))
        try:
            if known != (CLIENT_ID, CLIENT_SECRET):
                raise KeyError
            self.server.redeem(form)
        except KeyError:
            # As GitHub does it, with the status 200.
            self.send({"error": "bad_verification_code"})
            return
        self.send({"access_token": "its-token", "token_type": "bearer", "scope": ""})

    def github_user(self, form: dict[str, str]) -> None:
        self.send(self.server.github, 200 if self.bears_token() else 401)

    def github_emails(self, form: dict[str, str]) -> None:
        self.send(self.server.emails, 200 if self.bears_token() else 401)

    def log_message(self, *args: Any) -> None:
        """Say nothing on the standard error."""


@contextmanager
def serve() -> Iterator[Issuer]:
    """Run a provider until the end of the block."""
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def fetch(url: str) -> HTTPResponse:
    """Return what a server of this machine answers, without its body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    response = connection.getresponse()
    connection.close()
    return response


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
