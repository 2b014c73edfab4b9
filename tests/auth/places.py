"""OAuth2 clients and grants, one's own and those of others."""

from typing import Any

from sqlalchemy import select

from apiserver.auth.models import OAuth2Grant
from tests.contract.places import Place
from tests.factories import make_client, make_token, make_user


def client(db: Any, caller: Any, role: str | None) -> Place:
    client = make_client(db, caller if role == "client:owner" else None)
    return Place({"client_id": client.client_id}, {role})


def new_client(db: Any, caller: Any, role: str | None) -> Place:
    # A token can't give more scopes than it has.
    return Place(default_scopes=[])


def grant(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "grant:owner" else make_user(db)
    make_token(db, user, scopes=["users:read"])
    latest = select(OAuth2Grant.id).order_by(OAuth2Grant.id.desc()).limit(1)
    return Place({"grant_id": db.scalar(latest)}, {role})


PLACES = {
    "/auth/oauth2_clients/": new_client,
    "/auth/oauth2_clients/{client_id}": client,
    "/auth/grants/{grant_id}": grant,
}
