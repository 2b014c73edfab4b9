"""Requests to a provider: by https, of a bounded size and time, led nowhere else.

Authlib's client sends its own by ``Session``.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPException
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import orjson

from apiserver.core.settings import urls
from apiserver.providers.declared import Provider
from apiserver.users.asking import Asking, NoAnswer, fetch

log = logging.getLogger(__name__)

# Seconds until all of a provider's answers must have come, and for each read.
TIMEOUT = 10
READ_TIMEOUT = 5
MOST_AT_ONCE = 16
LONGEST = 256 * 1024
AGENT = "apiserver"

T = TypeVar("T")


class Unreachable(Exception):
    """The provider doesn't answer, or not as it must; the message is for the log."""


class Refused(Exception):
    """The provider refuses what the browser has brought, or proves nothing by it."""


class Reply(NamedTuple):
    """What a provider has answered, as Authlib reads it."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        """Return the JSON of the body; raises ValueError."""
        return orjson.loads(self.body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise Unreachable(f"it answers with {self.status_code}")


class Session:
    """Asks one provider."""

    def __init__(self, provider: Provider) -> None:
        # A provider of this machine, for development, may do without TLS.
        self.is_local = provider.issuer.startswith("http:")

    def check(self, url: object) -> str:
        """Return the URL of an endpoint; raise Unreachable if it may be none."""
        try:
            parts = urls.split(url if isinstance(url, str) else "")
        except ValueError as error:
            raise Unreachable(f"the URL of an endpoint {error}") from None
        may_be_plain = self.is_local and parts.hostname in urls.LOCAL
        if parts.scheme != "https" and not (parts.scheme == "http" and may_be_plain):
            raise Unreachable("the URL of an endpoint is not https")
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
            # They repeat what was received, or a token that can't be sent.
            raise Unreachable(type(error).__name__) from None

    def get(self, url: object, *, token: str = "", **headers: str) -> Reply:
        """Get something, with an access token if there is one."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.send(url, {"Accept": "application/json", **headers})

    def get_object(self, url: object, *, token: str = "") -> dict[str, Any]:
        """Get an object in JSON; raise Unreachable for anything else."""
        reply = self.get(url, token=token)
        reply.raise_for_status()
        try:
            document = reply.json()
        except ValueError:
            document = None
        if reply.status_code != 200 or not isinstance(document, dict):
            host = urlsplit(str(url)).netloc
            raise Unreachable(f"{host} answers with {reply.status_code}, and no object")
        return document

    def post(
        self,
        url: str,
        *,
        data: Mapping[str, str],
        headers: Mapping[str, str],
        auth: Any,
    ) -> Reply:
        """Send a form, as Authlib does; ``auth`` adds what the client is known by."""
        prepared = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self.send(prepared[0], prepared[1], prepared[2].encode())


class Talk:
    """A few threads that talk with one provider; those of others don't wait for it."""

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self.asking = Asking(MOST_AT_ONCE)

    def __call__(self, question: Callable[..., T], **about: Any) -> T:
        """Return what the function returns; raise Unreachable or Refused, and log why.

        Nothing is logged that the browser or the provider has sent.
        """
        try:
            return self.asking.ask(partial(question, **about), seconds=TIMEOUT)
        except (Unreachable, NoAnswer) as error:
            log.warning("The provider %s is not responding: %s", self.name, error)
            raise Unreachable(str(error)) from None
        except Refused as error:
            log.info("The provider %s proves nothing: %s", self.name, error)
            raise
