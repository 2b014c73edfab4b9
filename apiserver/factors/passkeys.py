"""Passkeys: options for browsers, and their responses (WebAuthn level 3).

The package ``webauthn`` checks the responses. It is imported on first use, since that
takes a fifth of a second, which would slow down every start of the server.
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

# Milliseconds that the browser gives the user.
TIMEOUT = 300_000
# What the package raises, besides its own errors, for malformed credentials.
NONSENSE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


class PasskeyRefused(ValidationFailed):
    """A browser's response isn't a valid proof; the message doesn't say why."""

    def __init__(self) -> None:
        sentence = "Is no valid answer to a challenge of this server."
        super().__init__(("body", "credential", sentence))


class Party(NamedTuple):
    """The server as relying party (WebAuthn section 5.1.2), and its origin."""

    id: str
    origins: list[str]


@cache
def library() -> SimpleNamespace:
    """Import and return the package ``webauthn``."""
    structs = import_module("webauthn.helpers.structs")
    errors = import_module("webauthn.helpers.exceptions")
    return SimpleNamespace(
        **vars(import_module("webauthn")),
        structs=structs,
        errors=(errors.WebAuthnException, *NONSENSE),
    )


def party_of(request: Request) -> Party:
    """Return the relying party: the host of the issuer.

    IP addresses can't have passkeys; this machine's are replaced by localhost.
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
    """Return an account's user handle, which contains no personal data."""
    return sha256(f"{request.setting('issuer')} {user_id}".encode()).digest()


def options_to_create(
    request: Request, user: Row, challenge: bytes, known: Iterable[bytes]
) -> Json:
    """Return PublicKeyCredentialCreationOptionsJSON, requiring user verification."""
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
    """Return the challenge that a response claims to answer. Raises PasskeyRefused."""
    try:
        data = json.loads(decoded(credential["response"]["clientDataJSON"]))
        return decoded(data["challenge"])
    except NONSENSE:
        raise PasskeyRefused from None


def credential_id(credential: Json) -> bytes:
    """Return the passkey's id that a response claims. Raises PasskeyRefused."""
    try:
        return decoded(credential["id"])
    except NONSENSE:
        raise PasskeyRefused from None


def is_of_another(request: Request, credential: Json, user_id: int) -> bool:
    """Whether a response names an account other than the passkey's."""
    handle = credential["response"].get("userHandle")
    try:
        return bool(handle) and decoded(handle) != handle_of(request, user_id)
    except NONSENSE:
        return True


def decoded(text: str) -> bytes:
    """Decode base64url without padding; raise ValueError for anything else."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
