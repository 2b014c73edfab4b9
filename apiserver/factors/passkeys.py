"""Passkeys: what browsers are asked, and what they answer (WebAuthn level 3).

The package ``webauthn`` checks the answers. It is imported when there is one: that is
a fifth of a second, which no start of the server has to spare.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from apiserver.core.endpoints import Request
from apiserver.core.http import ValidationFailed
from apiserver.core.settings import urls
from apiserver.core.typing import Json, Row

# Milliseconds that a browser gives its user.
TIMEOUT = 300_000
# What the package raises, besides its own errors, for what is no credential at all.
NONSENSE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


class PasskeyRefused(ValidationFailed):
    """A browser's answer doesn't prove what it should; which part says nobody."""

    def __init__(self) -> None:
        sentence = "Is no valid answer to a challenge of this server."
        super().__init__(("body", "credential", sentence))


class Party(NamedTuple):
    """Who the server is to authenticators (WebAuthn section 5.1.2), and where."""

    id: str
    origins: list[str]


@cache
def library() -> Any:
    """Return the package with its structures."""
    structs = import_module("webauthn.helpers.structs")
    errors = import_module("webauthn.helpers.exceptions")
    return SimpleNamespace(
        **vars(import_module("webauthn")),
        structs=structs,
        errors=(errors.WebAuthnException, *NONSENSE),
    )


def party_of(request: Request) -> Party:
    """Return who the server is: the host of the issuer.

    An address can't have passkeys; those of this machine are called localhost.
    """
    issuer = urlsplit(request.setting("issuer"))
    host = str(issuer.hostname)
    origins = [f"{issuer.scheme}://{issuer.netloc}"]
    if host in urls.LOCAL and host != "localhost":
        port = f":{issuer.port}" if issuer.port else ""
        origins.append(f"{issuer.scheme}://localhost{port}")
        host = "localhost"
    return Party(host, origins)


def handle_of(request: Request, user_id: int) -> bytes:
    """Return what an authenticator knows an account by: nothing of a person."""
    return sha256(f"{request.setting('issuer')} {user_id}".encode()).digest()


def options_to_create(
    request: Request, user: Row, challenge: bytes, known: Iterable[bytes]
) -> Json:
    """Return PublicKeyCredentialCreationOptionsJSON: a passkey that proves its user."""
    w = library()
    s = w.structs
    options = w.generate_registration_options(
        rp_id=party_of(request).id,
        rp_name=request.setting("title"),
        user_name=user.username,
        user_id=handle_of(request, user.id),
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=s.AuthenticatorSelectionCriteria(
            resident_key=s.ResidentKeyRequirement.REQUIRED,
            user_verification=s.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[s.PublicKeyCredentialDescriptor(id=id_) for id_ in known],
    )
    return json.loads(w.options_to_json(options))


def options_to_use(
    request: Request, challenge: bytes, known: Iterable[bytes] = ()
) -> Json:
    """Return PublicKeyCredentialRequestOptionsJSON, for these passkeys or for any."""
    w = library()
    s = w.structs
    options = w.generate_authentication_options(
        rp_id=party_of(request).id,
        challenge=challenge,
        timeout=TIMEOUT,
        allow_credentials=[s.PublicKeyCredentialDescriptor(id=id_) for id_ in known],
        user_verification=s.UserVerificationRequirement.REQUIRED,
    )
    return json.loads(w.options_to_json(options))


def new_passkey(request: Request, credential: Json, challenge: bytes) -> Any:
    """Check a new passkey; return its id, key and counter. Raises PasskeyRefused."""
    party, w = party_of(request), library()
    try:
        return w.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            require_user_verification=True,
        )
    except w.errors:
        raise PasskeyRefused from None


def sign_count(
    request: Request, credential: Json, challenge: bytes, factor: Row
) -> int:
    """Check that a passkey has signed; return its counter. Raises PasskeyRefused."""
    party, w = party_of(request), library()
    try:
        used = w.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            credential_public_key=factor.public_key,
            credential_current_sign_count=factor.sign_count,
            require_user_verification=True,
        )
    except w.errors:
        raise PasskeyRefused from None
    return int(used.new_sign_count)


def challenge_of(credential: Json) -> bytes:
    """Return the challenge that an answer says it is to. Raises PasskeyRefused."""
    try:
        data = json.loads(decoded(credential["response"]["clientDataJSON"]))
        return decoded(data["challenge"])
    except NONSENSE:
        raise PasskeyRefused from None


def credential_id(credential: Json) -> bytes:
    """Return by which passkey an answer says it is. Raises PasskeyRefused."""
    try:
        return decoded(credential["id"])
    except NONSENSE:
        raise PasskeyRefused from None


def is_of_another(request: Request, credential: Json, user_id: int) -> bool:
    """Whether an answer names another account than the one that has the passkey."""
    handle = credential["response"].get("userHandle")
    try:
        return bool(handle) and decoded(handle) != handle_of(request, user_id)
    except NONSENSE:
        return True


def decoded(text: str) -> bytes:
    """Decode base64url without padding; ValueError for anything else."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
