"""Changes of OAuth2 clients, which views and commands share."""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from apiserver.auth.models import OAuth2Client
from apiserver.auth.tokens import SECRET, digest, make_token
from apiserver.core.dump import extend
from apiserver.core.errors import ValidationFailed

DETAIL = (
    OAuth2Client.client_id,
    OAuth2Client.user_id,
    OAuth2Client.client_type,
    OAuth2Client.redirect_uris,
    OAuth2Client.default_scopes,
    OAuth2Client.grant_types,
    OAuth2Client.first_party,
    OAuth2Client.enabled,
    OAuth2Client.created,
    OAuth2Client.updated,
)

INSERT_CLIENT = insert(OAuth2Client).returning(*DETAIL)


def check_scopes(scopes: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise ValidationFailed for scopes that are not among the allowed ones."""
    beyond = [scope for scope in scopes if scope not in set(allowed)]
    if beyond:
        raise ValidationFailed(
            *(
                ("body", f"default_scopes.{index}", "You can't give this scope.")
                for index, scope in enumerate(scopes)
                if scope in beyond
            )
        )


def create_client(
    db: Session, *, user_id: int, client_type: str, grant_types: Any, **more: Any
) -> Any:
    """Create a client; the result has its ``client_secret``, which is not stored.

    Raises ValidationFailed where a public client, which can't keep a secret, wants to
    use one.
    """
    confidential = client_type == "confidential"
    if not confidential and "client_credentials" in grant_types:
        raise ValidationFailed(
            ("body", "grant_types", "Public clients have no client credentials.")
        )
    secret = make_token(SECRET) if confidential else None
    values = {
        "client_id": secrets.token_hex(16),
        "user_id": user_id,
        "client_type": client_type,
        "grant_types": grant_types,
        "secret_digest": digest(secret) if secret else None,
        **more,
    }
    return extend(db.execute(INSERT_CLIENT, values).one(), client_secret=secret)
