"""Personal access tokens, of the caller or of another user."""

from tests.contract.places import of_account
from tests.personal_tokens.factories import make_personal_token


def tokens(db, user):
    made = [make_personal_token(db, user)[0] for _ in "ab"]
    return {"personal_token_id": made[0].id}


PLACES = {
    # A token can't give more scopes than it has.
    **of_account("/personal-tokens/", tokens, scopes=[]),
    **of_account("/personal-tokens/{personal_token_id}", tokens),
}
RULES = {
    "days": "at most personal_token_days; null by a setting alone",
    "scopes": "of those that the calling token has",
}
