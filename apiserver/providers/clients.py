"""What a client of a provider does, of whichever kind: lead there, ask who it is."""

from typing import Any, NamedTuple

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from apiserver.providers.declared import Provider
from apiserver.providers.models import LONGEST_NAME, LONGEST_SUBJECT
from apiserver.providers.talking import Refused, Session, Talk, Unreachable


class Way(NamedTuple):
    """One way to a provider and back: what both ends keep in mind.

    ``verifier`` is of PKCE (RFC 7636), ``nonce`` of OpenID Connect.
    """

    redirect_uri: str
    state: str
    verifier: str
    nonce: str


class Identity(NamedTuple):
    """Who somebody is at a provider.

    ``email`` is an address that the provider has verified; ``username`` a proposal.
    """

    subject: str
    name: str
    email: str | None
    username: str


class ProviderClient:
    """This server as the client of a provider."""

    scope = ""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.session = Session(provider)
        self.talk = Talk(provider)

    def endpoints(self) -> dict[str, Any]:
        """Return where things are; raise Unreachable."""
        raise NotImplementedError

    def identify(self, *, way: Way, code: str, iss: str | None) -> Identity:
        """Return who has brought the code; raise Unreachable or Refused.

        ``iss`` is the issuer that the response names (RFC 9207).
        """
        raise NotImplementedError

    def authlib(self, way: Way, method: str) -> Any:
        """Return Authlib's client, which authenticates by the method."""
        return OAuth2Client(
            self.session,
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret,
            token_endpoint_auth_method=method,
            scope=self.scope,
            redirect_uri=way.redirect_uri,
            code_challenge_method="S256",
        )

    def lead(self, endpoints: dict[str, Any], way: Way, **more: str) -> str:
        """Return the URL at the provider that asks its user."""
        url, _ = self.authlib(way, "none").create_authorization_url(
            endpoints["authorization_endpoint"],
            state=way.state,
            code_verifier=way.verifier,
            **more,
        )
        return str(url)

    def redeem(self, url: str, *, way: Way, code: str, method: str) -> dict[str, Any]:
        """Exchange the code for tokens; raise Unreachable or Refused."""
        try:
            token = self.authlib(way, method).fetch_token(
                url,
                grant_type="authorization_code",
                code=code,
                code_verifier=way.verifier,
            )
        except OAuth2Error as error:
            # The provider's own words stay out of the log.
            raise Refused("it doesn't take the code") from error
        except (ValueError, TypeError) as error:
            raise Unreachable("its tokens are no JSON") from error
        if not isinstance(token.get("access_token"), str):
            raise Unreachable("it gives no access token")
        return dict(token)


def text(value: object, longest: int = LONGEST_NAME) -> str:
    """Return what the provider says if it is a line of text; else nothing."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > longest:
        return ""
    return value.strip()


def subject_of(value: object) -> str:
    """Return a subject, which is compared as it is; raise Refused."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT:
        raise Refused("the subject is none")
    if not value.isascii() or not value.isprintable():
        raise Refused("the subject is not ASCII")
    return value
