"""OpenID Connect clients with Authlib: discovery, ID tokens, userinfo."""

import time

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from apiserver.core.typing import Fragment
from apiserver.providers.clients import (
    Identity,
    ProviderClient,
    Way,
    subject_of,
    text,
)
from apiserver.providers.declared import Provider
from apiserver.providers.talking import Refused, Unreachable

# Only signatures with a key of the provider: not "none", nor the client's secret.
ALGORITHMS = tuple(f"{kind}{n}" for kind in ("RS", "PS", "ES") for n in (256, 384, 512))
SIGNATURES = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
KEY_TYPES = {"RSA", "EC"}
# Seconds by which clocks may differ.
LEEWAY = 60
# Seconds for which the provider's metadata is cached.
KEPT = 3600
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
BASIC, POST = "client_secret_basic", "client_secret_post"


class OpenIDClient(ProviderClient):
    """The client of a provider that speaks OpenID Connect."""

    scope = "openid email profile"

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self.kept: tuple[float, Fragment] = (0, {})
        self.keys: KeySet | None = None

    def endpoints(self) -> Fragment:
        """Return the provider's metadata (OpenID Connect Discovery section 4)."""
        until, document = self.kept
        if time.monotonic() < until:
            return document
        issuer = self.provider.issuer
        path = ".well-known/openid-configuration"
        document = self.session.get_object(f"{issuer.removesuffix('/')}/{path}")
        if document.get("issuer") != issuer:
            raise Unreachable("the metadata names another issuer")
        for name in ENDPOINTS:
            self.session.check(document.get(name))
        self.keys = None
        self.kept = (time.monotonic() + KEPT, document)
        return document

    def lead(self, endpoints: Fragment, way: Way, **more: str) -> str:
        return super().lead(endpoints, way, nonce=way.nonce, **more)

    def identify(self, *, way: Way, code: str, iss: str | None) -> Identity:
        endpoints = self.endpoints()
        named = endpoints.get("authorization_response_iss_parameter_supported") is True
        if iss != self.provider.issuer and (named or iss is not None):
            raise Refused("the response names another issuer")
        methods = endpoints.get("token_endpoint_auth_methods_supported") or [BASIC]
        method = BASIC if BASIC in methods else POST
        url = endpoints["token_endpoint"]
        token = self.redeem(url, way=way, code=code, method=method)
        claims = self.verified(endpoints, token, way.nonce)
        if "email" not in claims and "userinfo_endpoint" in endpoints:
            url = endpoints["userinfo_endpoint"]
            told = self.session.get_object(url, token=token["access_token"])
            if told.get("sub") != claims["sub"]:
                raise Refused("the userinfo response has another subject")
            claims = {**told, **claims}
        return identity_of(claims)

    def verified(self, endpoints: Fragment, token: Fragment, nonce: str) -> Fragment:
        """Return the claims of the ID token (OpenID Connect Core 3.1.3.7).

        Raises Refused, Unreachable.
        """
        client_id, issuer = self.provider.client_id, self.provider.issuer
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
        }
        known = {
            "nonce": nonce,
            "client_id": client_id,
            "access_token": token["access_token"],
        }
        try:
            decoded = self.decoded(endpoints, token.get("id_token"))
            claims = CodeIDToken(decoded.claims, decoded.header, options, known)
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise Refused(f"the ID token is invalid: {type(error).__name__}") from error
        return dict(claims)

    def decoded(self, endpoints: Fragment, id_token: object) -> jwt.Token:
        """Check the signature, fetching new keys if the provider has changed them."""
        if not isinstance(id_token, str):
            raise Refused("the token response has no ID token")
        keys = self.keys or self.fetch_keys(endpoints)
        try:
            return jwt.decode(id_token, keys, registry=SIGNATURES)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self.fetch_keys(endpoints), registry=SIGNATURES)

    def fetch_keys(self, endpoints: Fragment) -> KeySet:
        """Fetch the keys, skipping those of other algorithms."""
        document = self.session.get_object(endpoints["jwks_uri"])
        try:
            known = [key for key in document["keys"] if key["kty"] in KEY_TYPES]
            self.keys = KeySet.import_key_set({"keys": known})
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable("the keys aren't a valid JWK set") from error
        return self.keys


def identity_of(claims: Fragment) -> Identity:
    """Return who the claims are about (OpenID Connect Core section 5.1)."""
    subject, email = subject_of(claims["sub"]), text(claims.get("email"))
    proposed = text(claims.get("preferred_username"), 80) or email.partition("@")[0]
    return Identity(
        subject=subject,
        name=email or proposed or text(claims.get("name")) or subject,
        email=email if email and claims.get("email_verified") is True else None,
        username=proposed[:80],
    )
