"""``POST /users/``: who becomes a user, and what is stored."""

from unittest.mock import ANY

import pytest
from sqlalchemy import select

from apiserver.users.hashing import password_matches
from apiserver.users.models import User
from tests.auth.browser import password_grant
from tests.client import Client
from tests.factories import PASSWORD
from tests.patches import replace
from tests.problems import invalid, problem
from tests.users.accounts import newcomer, patch

NOBODY_ELSE = {
    "id": ANY,
    "first_name": "",
    "middle_name": "",
    "last_name": "",
    "created": ANY,
    "updated": ANY,
    "is_active": True,
    "is_regular_user": True,
    "is_admin": False,
}


@pytest.fixture
def stored(db):
    """A function that returns the account of a name, or None."""
    return lambda name: db.scalar(select(User).where(User.username == name))


class TestCreateUser:
    def test_answers_the_new_user(self, api):
        form = newcomer(first_name="Ada", middle_name="King", last_name="Lovelace")
        response = api().post("/users/", form)
        assert response.status_int == 201
        assert response.json == {
            **NOBODY_ELSE,
            "username": form["username"],
            "email": form["email"],
            "first_name": "Ada",
            "middle_name": "King",
            "last_name": "Lovelace",
        }

    def test_location_leads_to_the_new_user(self, api, make_user):
        response = api().post("/users/", newcomer())
        location = response.headers["Location"]
        assert location == f"/api/v1/users/{response.json['id']}"
        assert api(make_user("admin")).call("GET", location).json == response.json

    @pytest.mark.parametrize(
        "content_type", ["application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_takes_a_form(self, api, content_type):
        form = newcomer(first_name="Zoë + 1")
        if content_type == "multipart/form-data":
            content_type, body = api().encode_multipart(form.items(), [])
            response = api().post("/users/", body=body, content_type=content_type)
        else:
            response = api().post("/users/", form=form)
        assert response.status_int == 201
        assert response.json == {
            **NOBODY_ELSE,
            "username": form["username"],
            "email": form["email"],
            "first_name": "Zoë + 1",
        }

    def test_password_is_stored_as_argon2id(self, api, stored):
        form = newcomer()
        response = api().post("/users/", form)
        digest = stored(form["username"]).password_digest
        assert digest.startswith("$argon2id$")
        assert password_matches(digest, PASSWORD)
        assert PASSWORD not in digest
        assert PASSWORD not in response.text

    def test_new_user_can_sign_in(self, api, app, make_client):
        form = newcomer()
        created = api().post("/users/", form).json
        credentials = password_grant(form["username"], make_client(first_party=True))
        answer = api().call("POST", "/auth/oauth2/token", form=credentials).json
        assert Client(app, answer["access_token"]).get("/users/me").json == created

    def test_roles_cannot_be_chosen(self, api, make_user, stored):
        roles = ("is_admin", "is_internal", "is_active", "is_regular_user", "id")
        form = newcomer(**dict.fromkeys(roles, True))
        for caller in (None, make_user("admin")):
            response = api(caller).post("/users/", form)
            assert response.json == invalid(**dict.fromkeys(roles, "Unknown field."))
        assert stored(form["username"]) is None


class TestSignupSetting:
    """``apiserver.signup``: open, approval or closed."""

    def test_open_makes_active_users(self, api, shared_app):
        app = shared_app(signup="open")
        response = api(app=app).post("/users/", newcomer())
        assert (response.status_int, response.json["is_active"]) == (201, True)

    def test_approval_makes_users_that_an_administrator_activates(
        self, api, shared_app, make_user, stored
    ):
        app = shared_app(signup="approval")
        form = newcomer()
        response = api(app=app).post("/users/", form)
        assert response.status_int == 201
        assert response.json == {
            **NOBODY_ELSE,
            "username": form["username"],
            "email": form["email"],
            "is_active": False,
        }
        user = stored(form["username"])
        assert api(user, app=app).get("/users/me").status_int == 401

        admin = api(make_user("admin"), app=app)
        admin.patch(f"/users/{user.id}", patch(replace("is_active", True)))
        assert api(user, app=app).get("/users/me").status_int == 200

    def test_closed_refuses_also_with_the_captcha(
        self, api, shared_app, make_user, stored
    ):
        app = shared_app(signup="closed")
        form = newcomer()
        for caller in (None, make_user()):
            response = api(caller, app=app).post("/users/", form)
            assert response.status_int == 403
            assert response.json == problem(
                403, "Sign-up is closed; ask an administrator."
            )
        assert stored(form["username"]) is None

    @pytest.mark.parametrize("signup", ["open", "approval", "closed"])
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_administrators_make_active_users_always(
        self, api, shared_app, make_user, signup, kind
    ):
        app = shared_app(signup=signup)
        client = api(make_user(kind), app=app)
        response = client.post("/users/", newcomer(recaptcha_key=""))
        assert (response.status_int, response.json["is_active"]) == (201, True)
