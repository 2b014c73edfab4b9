"""``POST /users/``: who becomes a user, and what is stored."""

from unittest.mock import ANY

import pytest

from apiserver.users.hashing import password_matches
from tests.auth.browser import password_grant
from tests.client import Client
from tests.factories import PASSWORD
from tests.patches import replace
from tests.problems import invalid, problem
from tests.users.accounts import change, newcomer


def shown(form, **changes):
    """Return what is answered to a sign-up."""
    return {
        "id": ANY,
        **dict.fromkeys(("first_name", "middle_name", "last_name"), ""),
        **{name: value for name, value in form.items() if name not in SECRET},
        "created": ANY,
        "updated": ANY,
        "is_active": True,
        "is_regular_user": True,
        "is_admin": False,
        **changes,
    }


SECRET = {"password", "recaptcha_key"}


class TestCreateUser:
    def test_answers_the_new_user(self, api, admin):
        names = {"first_name": "Ada", "middle_name": "King", "last_name": "Lovelace"}
        response = api().post("/users/", form := newcomer(**names))
        assert (response.status_int, response.json) == (201, shown(form))
        location = response.headers["Location"]
        assert location == f"/api/v1/users/{response.json['id']}"
        assert api(admin).call("GET", location).json == response.json

    @pytest.mark.parametrize("is_multipart", [True, False])
    def test_takes_a_form(self, api, is_multipart):
        form = newcomer(first_name="Zoë + 1")
        sent = {"form": form}
        if is_multipart:
            content_type, body = api().encode_multipart(form.items(), [])
            sent = {"body": body, "content_type": content_type}
        assert api().post("/users/", **sent).json == shown(form)

    def test_password_is_stored_as_argon2id(self, api, stored):
        response = api().post("/users/", form := newcomer())
        digest = stored(form["username"]).password_digest
        assert digest.startswith("$argon2id$")
        assert password_matches(digest, PASSWORD)
        assert PASSWORD not in digest + response.text

    def test_new_user_can_sign_in(self, api, app, make_client):
        created = api().post("/users/", form := newcomer()).json
        credentials = password_grant(form["username"], make_client(first_party=True))
        answer = api().call("POST", "/auth/oauth2/token", form=credentials).json
        assert Client(app, answer["access_token"]).get("/users/me").json == created

    def test_roles_cannot_be_chosen(self, api, admin, stored):
        roles = ("is_admin", "is_internal", "is_active", "is_regular_user", "id")
        form = newcomer(**dict.fromkeys(roles, True))
        for caller in (None, admin):
            response = api(caller).post("/users/", form)
            assert response.json == invalid(**dict.fromkeys(roles, "Unknown field."))
        assert stored(form["username"]) is None


class TestSignupSetting:
    """``apiserver.signup``: open, approval or closed."""

    def test_approval_makes_users_that_an_administrator_activates(
        self, api, shared_app, admin, stored
    ):
        app = shared_app(signup="approval")
        response = api(app=app).post("/users/", form := newcomer())
        assert response.json == shown(form, is_active=False)
        user = stored(form["username"])
        assert api(user, app=app).get("/users/me").status_int == 401
        change(api(admin, app=app), user, replace("is_active", True))
        assert api(user, app=app).get("/users/me").status_int == 200

    def test_closed_refuses_also_with_the_captcha(self, api, shared_app, user, stored):
        app, form = shared_app(signup="closed"), newcomer()
        refused = problem(403, "Sign-up is closed; ask an administrator.")
        for caller in (None, user):
            assert api(caller, app=app).post("/users/", form).json == refused
        assert stored(form["username"]) is None

    @pytest.mark.parametrize("signup", ["open", "approval", "closed"])
    @pytest.mark.parametrize("kind", ["admin", "internal"])
    def test_administrators_make_active_users_always(
        self, api, shared_app, make_user, signup, kind
    ):
        client = api(make_user(kind), app=shared_app(signup=signup))
        response = client.post("/users/", newcomer(recaptcha_key=""))
        assert response.json["is_active"] is True
