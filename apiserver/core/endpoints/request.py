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
    """A request with the attributes that every view may count on.

    They are plain properties of the class, since attributes that are added by the
    configuration would be set on every single request.
    """

    request_body_tempfile_limit = MAX_BODY  # bodies are not longer: no need of files
    # Cornice's: what the schema has made of the request, by location; what is wrong.
    registry: Registry
    validated: dict[str, Any]
    errors: list[dict[str, str]]
    # The session of this request, in a safe request one that can only read; includeme
    # adds it.
    db: Session

    decided_in: SessionTransaction | None = None  # the transaction; see decisions.py
    # The objects to which the body refers, which stay as they are; see references.py.
    referred: Sequence[Item[object]] = ()
    # Who has signed in to the page, where it is no call of the API.
    signed_in_id: int | None = None
    must_commit = False  # True where an error response must not undo what was written

    @reify
    def request_id(self) -> str:
        """The identifier of this request in logs, responses: 32 hexadecimal digits."""
        return os.urandom(16).hex()

    @reify
    def primary(self) -> Session:
        """The session for what must not be out of date, wherever ``db`` reads."""
        return transactions.primary_session_for(self)

    @reify
    def identity(self) -> Any:
        """The caller: an Identity, looked up once; None where nobody has signed in.

        A view knows by its permission whether it can be None, types don't.
        """
        return super().identity

    @reify
    def granted(self) -> list[tuple[Resource, Permission]]:
        """What the caller was found to be permitted, each with its node."""
        return []

    def decide(self) -> None:
        """Decide again, under locks, whether all that was granted still is."""
        decisions.decide(self)

    @reify
    def extra_headers(self) -> list[Header]:
        """Headers that the view adds to the response."""
        return []

    @reify
    def cookies(self) -> dict[str, str]:
        """The cookies (RFC 6265 section 4.2.1), of two with one name the first.

        WebOb's parser takes minutes for a header of 64 KiB that is junk.
        """
        pairs = self.environ.get("HTTP_COOKIE", "").split(";")
        split = (pair.partition("=") for pair in reversed(pairs))
        return {name.strip(): value.strip() for name, _, value in split}

    @reify
    def GET(self) -> MultiDict[str, str]:  # noqa: N802 (as WebOb names it)
        """The parameters of the query; raises UnicodeDecodeError where it isn't UTF-8.

        WebOb's parser takes quadratic time for escaped characters.
        """
        query = self.environ.get("QUERY_STRING", "").encode("latin-1").decode()
        return MultiDict(parse_qsl(query, keep_blank_values=True, errors="strict"))

    @reify
    def POST(self) -> MultiDict[str, str | bytes] | NoVars:  # noqa: N802 (as WebOb names it)
        """The fields of the form that is the body, if it is one.

        WebOb's parser takes minutes for a multipart form that is junk.
        """
        is_form = self.content_type.lower() in {FORM, MULTIPART}
        return read_form(self) if is_form else NoVars("The body is not a form.")

    @property
    def caller_id(self) -> int | None:
        """The id of the calling user; None for anonymous callers and for clients."""
        return self.identity.user_id if self.identity else None

    @property
    def address(self) -> str:
        """Where the request comes from, in the usual spelling, as the web server says.

        Never ``client_addr``, which believes anybody's X-Forwarded-For: that is for the
        web server, which knows its proxies.
        """
        return canonical_address(self.environ.get("REMOTE_ADDR", ""))

    @property
    def network(self) -> str:
        """What limits count the request by: its address, of IPv6 with its network."""
        prefix = self.setting("limit_ipv6_prefix")
        return counted_as(self.environ.get("REMOTE_ADDR", ""), prefix)

    @property
    def presents_token(self) -> bool:
        """Whether there is a bearer token, valid or not; other schemes are ignored."""
        scheme, _, _ = self.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        return bool(scheme.lower() == "bearer")

    def unauthenticated(self) -> Unauthenticated:
        """Make the error for a caller whom the server doesn't know."""
        if self.presents_token:
            return InvalidToken()
        return Unauthenticated()

    def setting(self, name: str) -> Any:
        """Return the parsed value of the setting ``apiserver.<name>``."""
        return self.registry.settings["apiserver." + name]


def take_in_extensions(event: ApplicationCreated) -> None:
    """Make what libraries add to requests a part of the class, once.

    Pyramid would make a class of its own for every single request.
    """
    router = event.app
    extensions = router.request_extensions
    added = {**extensions.descriptors, **extensions.methods}
    router.request_factory = type("Request", (router.request_factory,), added)
    router.request_extensions = None


def includeme(config: Configurator) -> None:
    config.add_setting("limit_ipv6_prefix", settings.count_up_to(128), "64")
    config.set_request_factory(Request)
    # The command pviews walks the tree with a request of Pyramid's own class.
    config.add_request_method(transactions.session_for, "db", reify=True)
    config.add_subscriber(take_in_extensions, ApplicationCreated)
