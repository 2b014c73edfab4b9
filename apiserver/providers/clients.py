"""What clients of all providers do: send the browser there, and identify the user."""

from typing import NamedTuple

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from apiserver.core.typing import Fragment
from apiserver.providers.declared import Provider
from apiserver.providers.models import LONGEST_NAME, LONGEST_SUBJECT
from apiserver.providers.talking import Refused, Session, Talk, Unreachable


class Way(NamedTuple):
    """The state of one round trip to a provider.

    ``verifier`` is for PKCE (RFC 7636), ``nonce`` for OpenID Connect.
    """

    redirect_uri: str
    state: str
    verifier: str
    nonce: str


class Identity(NamedTuple):
    """Who somebody is at a provider.

    ``email`` is an address that the provider has verified; ``username`` is a
    suggestion.
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

    def endpoints(self) -> Fragment:
        """Return the provider's endpoints by name; raise Unreachable."""
        raise NotImplementedError

    def identify(self, *, way: Way, code: str, iss: str | None) -> Identity:
        """Return whom the code identifies; raise Unreachable or Refused.

        ``iss`` is the issuer that the response names (RFC 9207).
        """
        raise NotImplementedError

    def authlib(self, way: Way, method: str) -> OAuth2Client:
        """Return Authlib's client, which authenticates with the method."""
        return OAuth2Client(
            self.session,
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret,
            token_endpoint_auth_method=method,
            scope=self.scope,
            redirect_uri=way.redirect_uri,
            code_challenge_method="S256",
        )

    def lead(self, endpoints: Fragment, way: Way, **more: str) -> str:
        """Return the provider's authorization URL, to which the browser is sent."""
        url, _ = self.authlib(way, "none").create_authorization_url(
            endpoints["authorization_endpoint"],
            state=way.state,
            code_verifier=way.verifier,
            **more,
        )
        return str(url)

    def redeem(self, url: str, *, way: Way, code: str, method: str) -> Fragment:
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
            raise Refused("the provider rejected the code") from error
        except (ValueError, TypeError) as error:
            raise Unreachable("the token response isn't valid JSON") from error
        if not isinstance(token.get("access_token"), str):
            raise Unreachable("the token response has no access token")
        return dict(token)


def text(value: object, longest: int = LONGEST_NAME) -> str:
    """Return the provider's value if it is a line of text, else an empty string."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > longest:
        return ""
    return value.strip()


def subject_of(value: object) -> str:
    """Return a subject unchanged, as it is compared exactly; raise Refused."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT:
        raise Refused("the subject is missing, or too long")
    if not value.isascii() or not value.isprintable():
        raise Refused("the subject isn't printable ASCII")
    return value
