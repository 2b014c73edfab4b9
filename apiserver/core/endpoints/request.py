"""The request as views see it: its database session, its caller, its identifier."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import pyramid.request
from pyramid.config import Configurator
from pyramid.decorator import reify
from pyramid.events import ApplicationCreated
from sqlalchemy.orm import SessionTransaction
from webob.multidict import MultiDict, NoVars

from apiserver.core import settings
from apiserver.core.db import transactions
from apiserver.core.db.sessions import Session
from apiserver.core.http.addresses import canonical_address, counted_as
from apiserver.core.http.bodies import FORM, MULTIPART
from apiserver.core.http.errors import Unauthenticated
from apiserver.core.http.forms import read_form
from apiserver.core.http.response import Header
from apiserver.core.http.special import MAX_BODY
from apiserver.core.registry import Registry
from apiserver.core.tree import decisions
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.policy import InvalidToken
from apiserver.core.tree.resources import Item, Resource


class Request(pyramid.request.Request):
    """A request with the attributes that all views may use.

    They are properties of the class, since Pyramid would set attributes that are added
    by directives on every single request.
    """

    request_body_tempfile_limit = MAX_BODY  # bodies are not longer
    # Cornice's: the validated input by location, and the errors.
    registry: Registry
    validated: dict[str, Any]
    errors: list[dict[str, str]]
    # The session of this request, read-only for safe methods; added by includeme.
    db: Session

    decided_in: SessionTransaction | None = None  # the transaction; see decisions.py
    # The items to which the body refers, and which are locked; see references.py.
    referred: Sequence[Item[object]] = ()
    # The user who has signed in to a page, outside of the API.
    signed_in_id: int | None = None
    must_commit = False  # True if an error response must not roll back

    @reify
    def request_id(self) -> str:
        """The id of this request in logs and responses: 32 hexadecimal digits."""
        return os.urandom(16).hex()

    @reify
    def primary(self) -> Session:
        """A session on the primary, for data that must be up to date."""
        return transactions.primary_session_for(self)

    @reify
    def identity(self) -> Any:
        """The caller's Identity, looked up once; None for anonymous callers.

        The type doesn't say so: a view knows it by its permission.
        """
        return super().identity

    @reify
    def granted(self) -> list[tuple[Resource, Permission]]:
        """The permissions that were granted to the caller, each with its node."""
        return []

    def decide(self) -> None:
        """Lock, and check again all permissions that were granted."""
        decisions.decide(self)

    @reify
    def extra_headers(self) -> list[Header]:
        """Headers that the view adds to the response."""
        return []

    @reify
    def cookies(self) -> dict[str, str]:
        """The cookies (RFC 6265 section 4.2.1), the first of two with the same name.

        WebOb's parser takes minutes for a malformed header of 64 KiB.
        """
        pairs = self.environ.get("HTTP_COOKIE", "").split(";")
        split = (pair.partition("=") for pair in reversed(pairs))
        return {name.strip(): value.strip() for name, _, value in split}

    @reify
    def GET(self) -> MultiDict[str, str]:  # noqa: N802 (as WebOb names it)
        """The parameters of the query; raises UnicodeDecodeError if it isn't UTF-8.

        WebOb's parser takes quadratic time for escaped characters.
        """
        query = self.environ.get("QUERY_STRING", "").encode("latin-1").decode()
        return MultiDict(parse_qsl(query, keep_blank_values=True, errors="strict"))

    @reify
    def POST(self) -> MultiDict[str, str | bytes] | NoVars:  # noqa: N802 (as WebOb names it)
        """The fields of the form, if the body is one.

        WebOb's parser takes minutes for a malformed multipart form.
        """
        is_form = self.content_type.lower() in {FORM, MULTIPART}
        return read_form(self) if is_form else NoVars("The body is not a form.")

    @property
    def caller_id(self) -> int | None:
        """The id of the calling user; None for anonymous callers and for clients."""
        return self.identity.user_id if self.identity else None

    @property
    def address(self) -> str:
        """The caller's IP address in canonical form, according to the web server.

        Not ``client_addr``, which trusts any X-Forwarded-For: only the web server knows
        its proxies.
        """
        return canonical_address(self.environ.get("REMOTE_ADDR", ""))

    @property
    def network(self) -> str:
        """The address as limits count it; of IPv6, the network."""
        prefix = self.setting("limit_ipv6_prefix")
        return counted_as(self.environ.get("REMOTE_ADDR", ""), prefix)

    @property
    def presents_token(self) -> bool:
        """Whether the request has a bearer token, valid or not."""
        scheme, _, _ = self.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        return bool(scheme.lower() == "bearer")

    def unauthenticated(self) -> Unauthenticated:
        """Make the error for an unauthenticated caller."""
        if self.presents_token:
            return InvalidToken()
        return Unauthenticated()

    def setting(self, name: str) -> Any:
        """Return the parsed value of the setting ``apiserver.<name>``."""
        return self.registry.settings["apiserver." + name]


def take_in_extensions(event: ApplicationCreated) -> None:
    """Add the extensions of libraries to the class, once.

    Pyramid would create a class for every single request.
    """
    router = event.app
    extensions = router.request_extensions
    added = {**extensions.descriptors, **extensions.methods}
    router.request_factory = type("Request", (router.request_factory,), added)
    router.request_extensions = None


def includeme(config: Configurator) -> None:
    config.add_setting("limit_ipv6_prefix", settings.count_up_to(128), "64")
    config.set_request_factory(Request)
    # The command pviews traverses with a request of Pyramid's own class.
    config.add_request_method(transactions.session_for, "db", reify=True)
    config.add_subscriber(take_in_extensions, ApplicationCreated)
