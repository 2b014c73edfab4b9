"""Personal access tokens: ``/users/me/personal-tokens/``, and calling with them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant
from apiserver.auth.tokens import PERSONAL, digest, is_token
from apiserver.core.db import now
from apiserver.personal_tokens.models import PersonalToken
from apiserver.users.models import User
from tests.factories import CLIENT_SECRET
from tests.patches import replace
from tests.problems import invalid, problem
from tests.project import STALE
from tests.settings import SHIPPED
from tests.users.accounts import change

PATH = "/users/me/personal-tokens/"
SCOPES = ("personal_tokens:read", "personal_tokens:write", "users:read")
NEW = {"name": "backup script", "scopes": ["users:read"]}


def needs(feature):
    """Return the mark of a test of what another feature does."""
    is_there = feature in SHIPPED.split()
    return pytest.mark.skipif(not is_there, reason=f"is about {feature}")


class TestCreate:
    def test_shows_the_token_once(self, api, calling, user, db, acts):
        client = api(user, scopes=SCOPES)
        answer = client.post(PATH, NEW)
        assert answer.status_int == 201
        token = answer.json["token"]
        assert is_token(token, PERSONAL)
        row = db.scalars(select(PersonalToken)).one()
        shown = {
            "id": row.id,
            "name": "backup script",
            "scopes": ["users:read"],
            "created": row.created.isoformat(),
            "expires": (row.created + timedelta(days=30)).isoformat(),
            "last_used": None,
        }
        assert answer.json == {**shown, "token": token}
        assert client.get(PATH).json == [shown]
        assert (row.digest, row.amr) == (digest(token), ("pwd",))
        target = f"personal_token:{row.id} of:{user.id}"
        assert acts("personal_token_created") == [(user.id, target)]
        assert calling(token).get("/users/me").json["id"] == user.id

    def test_needs_a_recent_sign_in(self, api, user, an_hour_later):
        client = api(user)
        an_hour_later()
        assert client.post(PATH, NEW).json == STALE

    def test_is_nothing_for_a_personal_token(self, calling, user, make_personal_token):
        _, token = make_personal_token(user, scopes=SCOPES)
        assert calling(token).post(PATH, NEW).status_int == 401

    def test_gives_no_more_than_the_calling_token_has(self, api, user):
        client = api(user, scopes=SCOPES)
        scopes = ["users:read", "users:write", "nonsense"]
        answer = client.post(PATH, {**NEW, "scopes": scopes})
        assert [e["name"] for e in answer.json["errors"]] == ["scopes.1", "scopes.2"]

    def test_lets_none_live_too_long(self, api, user):
        client = api(user, scopes=SCOPES)
        for days in (367, None):
            answer = client.post(PATH, {**NEW, "days": days})
            assert answer.json == invalid(days="Must be at most 366.")

    def test_can_make_one_for_ever_where_that_is_allowed(
        self, make_app, database_url, api, user
    ):
        features = "users auth personal_tokens"
        allowed = {"personal_token_forever": "true", "personal_token_days": "7"}
        app = make_app(database_url, features=features, **allowed)
        client = api(user, app=app)
        answer = client.post(PATH, {**NEW, "days": None})
        assert answer.json["expires"] is None
        assert client.post(PATH, {**NEW, "days": 8}).status_int == 422

    def test_makes_no_more_than_a_hundred(self, api, user, make_personal_token):
        for _ in range(100):
            make_personal_token(user)
        detail = "An account can have at most 100 personal access tokens."
        assert api(user).post(PATH, NEW).json == problem(409, detail)


class TestRevoke:
    def test_ends_it_at_once(self, api, calling, user, make_personal_token, acts):
        row, token = make_personal_token(user)
        assert calling(token).get("/users/me").status_int == 200
        client = api(user, scopes=SCOPES)
        assert client.delete(f"{PATH}{row.id}").status_int == 204
        assert calling(token).get("/users/me").status_int == 401
        assert client.delete(f"{PATH}{row.id}").status_int == 404
        target = f"personal_token:{row.id} of:{user.id}"
        assert acts("personal_token_revoked") == [(user.id, target)]

    def test_can_be_done_with_the_token_itself(
        self, calling, user, make_personal_token
    ):
        row, token = make_personal_token(user, scopes=SCOPES)
        assert calling(token).delete(f"{PATH}{row.id}").status_int == 204
        assert calling(token).get("/users/me").status_int == 401


class TestCall:
    def test_may_do_what_its_scopes_say(self, calling, user, make_personal_token):
        _, token = make_personal_token(user)
        answer = calling(token).get(PATH)
        assert answer.status_int == 403
        challenge = answer.headers["WWW-Authenticate"]
        assert 'scope="personal_tokens:read"' in challenge

    def test_takes_one_statement_to_find_the_caller(
        self, calling, user, make_personal_token, statements
    ):
        _, token = make_personal_token(user, last_used=now())
        client = calling(token)
        with statements() as executed:
            client.get("/users/me")
        assert len(executed) == 1, executed

    def test_notes_its_use_to_the_hour(self, calling, user, make_personal_token, db):
        row, token = make_personal_token(user)
        calling(token).get("/users/me")
        db.refresh(row)
        first = row.last_used
        assert first is not None
        calling(token).get("/users/me")
        db.refresh(row)
        assert row.last_used == first
        db.execute(update(PersonalToken).values(last_used=now() - timedelta(hours=2)))
        calling(token).get("/users/me")
        db.refresh(row)
        assert row.last_used >= first

    def test_is_named_in_the_audit_log(
        self, calling, user, make_personal_token, events
    ):
        ended, _ = make_personal_token(user)
        row, token = make_personal_token(user, scopes=SCOPES)
        calling(token).delete(f"{PATH}{ended.id}")
        event = events()[-1]
        assert event["client_id"] == f"personal_token:{row.id}"

    def test_revokes_grants_though_it_has_none(
        self, calling, api, user, make_personal_token, db
    ):
        api(user)
        grant_id = db.scalar(select(OAuth2Grant.id))
        _, token = make_personal_token(user, scopes=("auth:write",))
        assert calling(token).delete(f"/auth/grants/{grant_id}").status_int == 204

    def test_is_refused_when_it_has_ended(self, calling, user, make_personal_token, db):
        ended = [{"expires": now() - timedelta(seconds=1)}, {"user_epoch": -1}]
        for columns in ended:
            _, token = make_personal_token(user, **columns)
            assert calling(token).get("/users/me").status_int == 401
        _, token = make_personal_token(user)
        db.execute(update(User).where(User.id == user.id).values(is_active=False))
        assert calling(token).get("/users/me").status_int == 401


NEW_PASSWORD = replace("password", "a quite new sentence")


class TestEnd:
    """Whatever ends all that was granted does; not a new password of one's own."""

    @pytest.fixture
    def ends(self, calling, user, make_personal_token):
        """A function that does something, and says whether a token has ended by it."""

        def call(act, of=user):
            _, token = make_personal_token(of)
            assert calling(token).get("/users/me").status_int == 200
            assert act().status_int // 100 == 2
            return calling(token).get("/users/me").status_int == 401

        return call

    def test_is_not_with_a_new_password_of_ones_own(self, ends, api, user):
        assert not ends(lambda: change(api(user), user, NEW_PASSWORD))

    def test_is_with_signing_out_everywhere_for_good(self, ends, api, user, db):
        def act():
            api(user).delete("/auth/grants/")
            db.refresh(user)
            return change(api(user), user, NEW_PASSWORD)

        assert ends(act)

    def test_is_with_the_loss_of_a_role(self, ends, api, admin, user):
        lost = replace("is_regular_user", False)
        assert ends(lambda: change(api(admin), user, lost))

    def test_is_not_undone_by_activating_again(self, ends, api, admin, user):
        def act():
            change(api(admin), user, replace("is_active", False))
            return change(api(admin), user, replace("is_active", True))

        assert ends(act)

    def test_is_with_a_role_that_goes_with_a_new_password(
        self, ends, api, admin, make_user
    ):
        make_user("admin")
        lost = replace("is_admin", False)
        assert ends(lambda: change(api(admin), admin, NEW_PASSWORD, lost), of=admin)

    @needs("account")
    def test_is_with_a_deletion_though_it_is_cancelled(self, ends, api, user, db):
        path = "/users/me/deletion"

        def act():
            api(user).post(path)
            db.refresh(user)
            return api(user).delete(path)

        assert ends(act)

    @needs("factors")
    def test_is_when_an_administrator_removes_the_factors(self, ends, api, admin, user):
        assert ends(lambda: api(admin).delete(f"/users/{user.id}/factors/"))


class TestOAuth:
    @pytest.fixture
    def post(self, api):
        def call(client, to, token):
            form = {
                "client_id": client.client_id,
                "client_secret": CLIENT_SECRET,
                "token": token,
            }
            return api().call("POST", f"/auth/oauth2/{to}", form=form)

        return call

    def test_tells_the_operators_clients_what_it_is(
        self, post, user, make_client, make_personal_token
    ):
        row, token = make_personal_token(user)
        known = post(make_client(first_party=True), "introspect", token).json
        assert known == {
            "active": True,
            "scope": "users:read",
            "client_id": f"personal_token:{row.id}",
            "token_type": "Bearer",
            "iat": int(row.created.timestamp()),
            "exp": int(row.expires.timestamp()),
            "iss": "https://api.example.com",
            "aud": "https://api.example.com",
            "sub": str(user.id),
            "username": user.username,
        }
        assert post(make_client(), "introspect", token).json == {"active": False}

    def test_lets_the_operators_clients_revoke_it(
        self, post, calling, user, make_client, make_personal_token, acts
    ):
        row, token = make_personal_token(user)
        assert post(make_client(), "revoke", token).status_int == 400
        assert calling(token).get("/users/me").status_int == 200
        operator = make_client(first_party=True)
        assert post(operator, "revoke", token).status_int == 200
        assert calling(token).get("/users/me").status_int == 401
        assert post(operator, "revoke", token).status_int == 200
        [(_, target)] = acts("personal_token_revoked")
        assert target == f"personal_token:{row.id} of:{user.id}"
