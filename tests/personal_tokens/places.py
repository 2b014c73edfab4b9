"""Personal access tokens, of the caller or of another user."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_user
from tests.personal_tokens.factories import make_personal_token


def tokens(db: Any, caller: Any, role: str | None) -> Place:
    user = caller if role == "user:self" else make_user(db)
    made = [make_personal_token(db, user)[0] for _ in "ab"]
    keys = {"user_id": user.id, "personal_token_id": made[0].id}
    return Place(keys, {role})


def own_tokens(db: Any, caller: Any, role: str | None) -> Place:
    made = [make_personal_token(db, caller or make_user(db))[0] for _ in "ab"]
    keys = {"personal_token_id": made[0].id}
    # A token can't give more scopes than it has.
    return Place(keys, {"user:self"} if caller else (), scopes=[])


PLACES = {
    "/users/{user_id}/personal-tokens/": tokens,
    "/users/{user_id}/personal-tokens/{personal_token_id}": tokens,
    "/users/me/personal-tokens/": own_tokens,
    "/users/me/personal-tokens/{personal_token_id}": own_tokens,
}
RULES = {
    "days": "at most personal_token_days; null by a setting alone",
    "scopes": "of those that the calling token has",
}
