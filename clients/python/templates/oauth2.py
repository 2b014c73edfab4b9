"""Gets access tokens, and new ones before they expire.

::

    session = OAuth2Session("https://api.example.com", client_id="...")
    session.sign_in("ada", "difference-engine-2")
    with ApiClient(session.configuration()) as client:
        UsersApi(client).get_me()

Several threads may share a session.
"""

import base64
import hashlib
import json
import secrets
import time
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import urllib3
from apiserver_client.configuration import Configuration

# A token is not used in its last seconds: it might expire on its way.
MARGIN = 30


class OAuth2Error(Exception):
    """The server gave no token.

    ``error`` is the code of RFC 6749 section 5.2: after ``invalid_grant`` and
    ``login_required`` the user has to sign in again. ``status`` is the HTTP status.
    """

    def __init__(self, error: str, description: str = "", status: int = 0) -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.status = status


class OAuth2Session:
    """The tokens of one user, or of the client itself.

    ``server`` is its URL, without ``/api/v1``. A confidential client has a secret.
    ``scope`` limits what the tokens allow, as in ``"teams:read users:read"``; else they
    allow what the client may. ``http`` is for own certificates or a proxy.
    """

    def __init__(
        self,
        server: str,
        client_id: str,
        client_secret: str | None = None,
        *,
        scope: str | None = None,
        http: urllib3.PoolManager | None = None,
    ) -> None:
        self.server = server.rstrip("/")
        self.client_id = client_id
        self.client_secret = client_secret
        self.scope = {"scope": scope} if scope else {}
        self.http = http or urllib3.PoolManager(timeout=30)
        self._lock = Lock()
        self._forget()

    def sign_in(self, username: str, password: str) -> None:
        """Sign a user in by the password grant, which few servers allow."""
        self._begin("password", username=username, password=password, **self.scope)

    def sign_in_as_client(self) -> None:
        """Sign in as the client itself, in nobody's name (client credentials)."""
        self._begin("client_credentials", **self.scope)

    def resume(self, refresh_token: str) -> None:
        """Continue an earlier session by its latest refresh token, which works once."""
        self._begin("refresh_token", refresh_token=refresh_token)

    def authorization_url(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Return the URL where a user signs in by a browser, and what to keep for it.

        The browser is sent back to ``redirect_uri``; then call ``redeem``.
        """
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        hashed = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **self.scope,
        }
        kept = {"code_verifier": verifier, "redirect_uri": redirect_uri, "state": state}
        return f"{self.server}/auth/oauth2/authorize?{urlencode(query)}", kept

    def redeem(self, url: str, kept: dict[str, str]) -> None:
        """Sign in with the URL that the browser was sent back to."""
        answer = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        if answer.get("state") != kept["state"]:
            raise OAuth2Error("invalid_state", "The URL belongs to another sign-in.")
        if "code" not in answer:
            error = answer.get("error", "invalid_request")
            raise OAuth2Error(error, answer.get("error_description", ""))
        proof = {name: kept[name] for name in ("code_verifier", "redirect_uri")}
        self._begin("authorization_code", code=answer["code"], **proof)

    def sign_out(self) -> None:
        """Forget the tokens, and have them revoked."""
        with self._lock:
            token = self.refresh_token or self._tokens.get("access_token")
            self._forget()
        if token:
            self._post("revoke", {"token": token})

    @property
    def refresh_token(self) -> str | None:
        """The latest one. Who keeps it, for ``resume``, keeps it like a password."""
        token: str | None = self._tokens.get("refresh_token")
        return token

    def access_token(self) -> str:
        """Return a valid token, a new one if need be; raise OAuth2Error if none is."""
        with self._lock:
            if time.time() >= self._expires:
                self._renew()
            token: str = self._tokens["access_token"]
            return token

    def configuration(self, **options: Any) -> Configuration:
        """Return what an ``ApiClient`` takes; the options are the configuration's."""
        options.setdefault("host", f"{self.server}/api/v1")
        return _SessionConfiguration(self, **options)

    def _forget(self) -> None:
        self._tokens: dict[str, Any] = {}
        self._expires = 0.0
        # The form that asks for the next token.
        self._renewal: dict[str, str] | None = None

    def _begin(self, grant_type: str, **parameters: str) -> None:
        with self._lock:
            self._forget()
            self._ask({"grant_type": grant_type, **parameters})

    def _renew(self) -> None:
        if self._renewal is None:
            raise OAuth2Error("login_required", "Nobody is signed in.")
        try:
            self._ask(self._renewal)
        except OAuth2Error as error:
            if error.error == "invalid_grant":
                self._forget()
            raise

    def _ask(self, form: dict[str, str]) -> None:
        asked = time.time()
        self._tokens = self._post("token", form)
        lifetime = self._tokens["expires_in"]
        self._expires = asked + max(lifetime - MARGIN, lifetime / 2)
        if self.refresh_token is not None:
            renewal = {"grant_type": "refresh_token"}
            self._renewal = {**renewal, "refresh_token": self.refresh_token}
        else:
            own = form["grant_type"] == "client_credentials"
            self._renewal = form if own else None

    def _post(self, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.client_secret is None:
            form = {**form, "client_id": self.client_id}
        else:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
            basic = base64.b64encode(pair.encode()).decode()
            headers["Authorization"] = f"Basic {basic}"
        url, body = f"{self.server}/auth/oauth2/{endpoint}", urlencode(form)
        response = self.http.request("POST", url, body=body, headers=headers)
        try:
            answer: dict[str, Any] = json.loads(response.data or b"{}")
        except ValueError:
            answer = {}
        if response.status != 200:
            about = answer.get("error_description") or answer.get("detail", "")
            error = answer.get("error", f"HTTP {response.status}")
            raise OAuth2Error(error, about, response.status)
        return answer


class _SessionConfiguration(Configuration):
    """A configuration with a valid token for each request."""

    def __init__(self, session: OAuth2Session, **options: Any) -> None:
        super().__init__(**options)
        self.session = session

    def auth_settings(self) -> Any:
        self.access_token = self.session.access_token()
        return super().auth_settings()
