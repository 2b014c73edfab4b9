"""Requests to a provider: https, limited in size and time, without redirects.

Authlib's client sends its requests through ``Session``.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import orjson

from apiserver.core.settings import urls
from apiserver.core.typing import Fragment, Json
from apiserver.providers.declared import Provider
from apiserver.users.asking import Asking, NoAnswer, fetch

if TYPE_CHECKING:
    from authlib.oauth2.auth import ClientAuth

log = logging.getLogger(__name__)

# Seconds until all of a provider's answers must have come, and for each read.
TIMEOUT = 10
READ_TIMEOUT = 5
MOST_AT_ONCE = 16
LONGEST = 256 * 1024
AGENT = "apiserver"

T = TypeVar("T")


class Unreachable(Exception):
    """The provider doesn't send a valid response; the message is for the log."""


class Refused(Exception):
    """The provider rejects the code, or its response doesn't prove who signed in."""


class Reply(NamedTuple):
    """A provider's response, with the interface that Authlib reads."""

    status_code: int
    body: bytes

    def json(self) -> Json:
        """Return the JSON of the body; raises ValueError."""
        return orjson.loads(self.body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise Unreachable(f"the response has status {self.status_code}")


class Session:
    """Sends requests to one provider."""

    def __init__(self, provider: Provider) -> None:
        # A provider on this machine, for development, needs no TLS.
        self.is_local = provider.issuer.startswith("http:")

    def check(self, url: object) -> str:
        """Return the URL of an endpoint; raise Unreachable if it isn't allowed."""
        try:
            parts = urls.split(url if isinstance(url, str) else "")
        except ValueError as error:
            raise Unreachable(f"the URL of an endpoint {error}") from None
        may_be_plain = self.is_local and parts.hostname in urls.LOCAL
        if parts.scheme != "https" and not (parts.scheme == "http" and may_be_plain):
            raise Unreachable("the URL of an endpoint isn't https")
        return str(url)

    def send(
        self, url: object, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """Send a request, a POST if it has a body; raise Unreachable."""
        named = {"User-Agent": AGENT, **headers}
        try:
            bounds = {"most": LONGEST, "timeout": READ_TIMEOUT}
            return Reply(*fetch(self.check(url), data=body, headers=named, **bounds))
        except (NoAnswer, OSError) as error:
            raise Unreachable(str(error)) from error
        except (HTTPException, ValueError) as error:
            # Their messages repeat what was received, or a token that can't be sent.
            raise Unreachable(type(error).__name__) from None

    def get(self, url: object, *, token: str = "", **headers: str) -> Reply:
        """Send a GET, with an access token if there is one."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.send(url, {"Accept": "application/json", **headers})

    def get_object(self, url: object, *, token: str = "") -> Fragment:
        """Get a JSON object; raise Unreachable for anything else."""
        reply = self.get(url, token=token)
        reply.raise_for_status()
        try:
            document = reply.json()
        except ValueError:
            document = None
        if reply.status_code != 200 or not isinstance(document, dict):
            host = urlsplit(str(url)).netloc
            raise Unreachable(f"{host} sent no JSON object, but {reply.status_code}")
        return document

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str],
        headers: Mapping[str, str],
        auth: "ClientAuth",
    ) -> Reply:
        """Send a form, as Authlib does; ``auth`` adds the client's credentials."""
        prepared = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self.send(prepared[0], prepared[1], prepared[2].encode())


class Talk:
    """A few threads that talk to one provider, so that others don't wait for it."""

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self.asking = Asking(MOST_AT_ONCE)

    def __call__(self, question: Callable[..., T], **about: object) -> T:
        """Return what the function returns; raise Unreachable or Refused, and log why.

        Nothing that the browser or the provider has sent is logged.
        """
        try:
            return self.asking.ask(partial(question, **about), seconds=TIMEOUT)
        except (Unreachable, NoAnswer) as error:
            log.warning("The provider %s has failed: %s", self.name, error)
            raise Unreachable(str(error)) from None
        except Refused as error:
            log.info("A sign-in with %s was rejected: %s", self.name, error)
            raise
