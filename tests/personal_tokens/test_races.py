"""A token is revoked while many processes write with it: what is answered holds."""

import pytest
from sqlalchemy import func, select

from apiserver.auth.models import OAuth2Client
from apiserver.personal_tokens.models import PersonalToken
from tests import factories
from tests.personal_tokens.factories import make_personal_token
from tests.racers import Call, statuses

pytestmark = pytest.mark.slow

WRITES = 20
NEW = {"client_type": "public", "grant_types": ["authorization_code"]}


@pytest.mark.parametrize("turn", range(3))
def test_revoking_while_it_is_used(racers, open_session, turn):
    """A write is done whole, or refused; none comes after the end."""
    with open_session() as db:
        user = factories.make_user(db)
        scopes = ("auth:write", "personal_tokens:write")
        row, token = make_personal_token(db, user, scopes=scopes)
    writes = [Call(token, "POST", "/auth/oauth2_clients/", NEW)] * WRITES
    path = f"/users/me/personal-tokens/{row.id}"
    end = [Call(token, "DELETE", path)] * 4
    half = WRITES // 2
    answers = racers.run(*writes[:half], *end, *writes[half:])
    ends, written = statuses(answers[half:-half]), statuses(answers)
    # One that was let in while the first held the lock finds the token gone.
    assert ends[204] == 1
    assert set(ends) <= {204, 401, 404}
    written -= ends
    assert set(written) <= {201, 401}
    with open_session() as db:
        mine = OAuth2Client.user_id == user.id
        made = db.scalar(select(func.count(OAuth2Client.id)).where(mine))
        assert made == written[201]
        assert db.get(PersonalToken, row.id) is None
