"""oauthlib's request, with further attributes for the Validator."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import NamedTuple, TypedDict

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2.rfc6749 import errors

from apiserver.auth.oauth.parameters import Basic
from apiserver.core.db import Session
from apiserver.core.endpoints import Request
from apiserver.core.typing import Row


class Context(TypedDict):
    """The database session, the credentials in Authorization, and the HTTP request."""

    db: Session
    basic: Basic
    http: Request


class SignIn(NamedTuple):
    """When a user has signed in, and by which methods (RFC 8176)."""

    auth_time: datetime
    amr: tuple[str, ...]


class TokenRequest(OAuthRequest):
    """A client's request.

    ``granted`` is the row of the grant, with its code or token, once it is found.
    ``repeated`` are the names of repeated parameters.
    """

    # Checked before they are used.
    client_id: str
    grant_type: str
    redirect_uri: str
    scopes: list[str]
    token: str
    token_type_hint: str

    client: Row
    user: Row
    granted: Row
    found_client: Row
    # None if no user has signed in for the new grant.
    sign_in: SignIn | None

    def __init__(
        self,
        parameters: Mapping[str, str],
        context: Context,
        repeated: Set[str] = frozenset(),
    ) -> None:
        values = dict(parameters)
        # Several spaces would result in empty scopes.
        scopes = dict.fromkeys(filter(None, values.pop("scope", "").split(" ")))
        if scopes:
            values["scope"] = " ".join(scopes)
        super().__init__("/", "POST", body=values, encoding="")
        self.user = self.sign_in = None
        self.parameters = values
        self.repeated = repeated
        self.db, self.basic, self.http = (
            context["db"],
            context["basic"],
            context["http"],
        )
        if self.basic is not None:
            self.take_name(self.basic[0])

    @property
    def duplicate_params(self) -> list[str]:
        """What oauthlib would refuse: it gets each parameter once."""
        return []

    def take_name(self, name: str) -> None:
        """Take the client_id from the header; it must be the only credentials."""
        if self.client_secret or self.client_id not in {None, name}:
            raise errors.InvalidRequestError(
                "Use only one way to authenticate the client."
            )
        self.client_id = name
