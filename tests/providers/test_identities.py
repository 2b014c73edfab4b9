"""The endpoints ``/users/{user_id}/identities/``."""

from sqlalchemy import select, update

from apiserver.providers.models import LinkedIdentity
from apiserver.users.models import User
from tests.problems import problem
from tests.project import STALE

OWN = "/users/me/identities/"
SCOPES = ("providers:read", "providers:write")


def test_are_listed(api, user, link, make_user, shared_issuer):
    row = link(user)
    link(make_user(), "b2")
    shown = {
        "id": row.id,
        "issuer": shared_issuer.url,
        "subject": "a1",
        "name": "ada@example.com",
        "created": row.created.isoformat(),
        "last_used": None,
    }
    assert api(user, scopes=SCOPES).get(OWN).json == [shown]
    path = f"/users/{user.id}/identities/"
    assert api(make_user("admin")).get(path).json == [shown]


def test_are_unlinked(api, user, link, db, acts):
    row = link(user)
    client = api(user, scopes=SCOPES)
    statuses = [client.delete(f"{OWN}{row.id}").status_int for _ in "ab"]
    assert statuses == [204, 404]
    assert db.scalars(select(LinkedIdentity)).all() == []
    target = f"identity:{row.id} of:{user.id}"
    assert acts("identity_unlinked") == [(user.id, target)]


def test_need_a_recent_sign_in_to_be_unlinked(api, user, link, an_hour_later):
    row, client = link(user), api(user, scopes=SCOPES)
    an_hour_later()
    assert client.delete(f"{OWN}{row.id}").json == STALE


def test_leave_their_user_a_way_to_sign_in(api, user, link, make_user, db):
    row = link(user)
    db.execute(update(User).where(User.id == user.id).values(password_digest=""))
    sentence = (
        "The account has no password, so this is the only way to sign in. First set a "
        "password, by the link for a lost one."
    )
    assert api(user).delete(f"{OWN}{row.id}").json == problem(409, sentence)
    path = f"/users/{user.id}/identities/{row.id}"
    assert api(make_user("admin")).delete(path).status_int == 204
