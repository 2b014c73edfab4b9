"""Clients stop with their owner, until they are handed over or he is active again."""

from unittest.mock import ANY

import pytest

from apiserver.core.tree.policy import ReadOnlyAccount
from tests.auth.browser import redemption, told
from tests.auth.conftest import SCOPES
from tests.conformance.flow import AUTHORIZE, REDIRECT_URI
from tests.factories import PASSWORD
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT
from tests.patches import op, replace
from tests.problems import invalid, problem
from tests.users.accounts import patch

CREDENTIALS = {"grant_type": "client_credentials"}
INACTIVE = {"active": False}
NOBODY = invalid(user_id="There is no active user with this id.")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")


@pytest.fixture
def owner(make_user):
    return make_user()


@pytest.fixture
def admin(api, make_user):
    return api(make_user("admin"))


@pytest.fixture
def client(make_client, owner):
    """A client that anybody could have registered."""
    about = {"redirect_uris": (REDIRECT_URI,), "default_scopes": SCOPES}
    return make_client(owner, grant_types=GRANT_TYPES, **about)


@pytest.fixture
def activate(admin, owner):
    """A function by which an administrator activates the owner, or the opposite."""

    def call(is_active):
        change = patch(replace("is_active", is_active))
        assert admin.patch(f"/users/{owner.id}", change).status_int == 200

    return call


@pytest.fixture
def act(post, client):
    """A function that gets the token by which the client acts for itself."""
    return lambda: post(client, **CREDENTIALS)


@pytest.fixture
def ask(browser, client):
    """A function that asks a user for access to his account; it shows the page."""

    def call(user):
        browser.sign_in(user.username, PASSWORD)
        return browser.ask(client)

    return call


@pytest.fixture
def redeem(post, client):
    """A function that uses a code, and returns the response."""
    return lambda code: post(client, **redemption(code))


def assert_refused(*answers):
    for answer in answers:
        assert (answer.status_int, answer.json) == (401, INVALID_CLIENT)


class TestInactiveOwner:
    def test_ends_the_tokens_of_his_client_for_good(
        self, act, me, post, client, make_client, activate
    ):
        token = act().json["access_token"]
        assert me(token, "/teams/").status_int == 200
        server = make_client(first_party=True)
        activate(False)
        assert_refused(act(), post(client, to="introspect", token="any"))
        for is_active in (False, True):
            activate(is_active)
            assert me(token, "/teams/").status_int == 401
            assert post(server, to="introspect", token=token).json == INACTIVE
        # Active again, the client works again.
        assert me(act().json["access_token"], "/teams/").status_int == 200

    def test_by_whatever_door_he_became_inactive(self, act, me, owner, db):
        token = act().json["access_token"]
        owner.is_active = False
        db.commit()
        assert_refused(act())
        assert me(token, "/teams/").status_int == 401

    @pytest.mark.parametrize("shown_before", [True, False])
    def test_leads_others_nowhere(
        self, ask, browser, make_user, activate, shown_before
    ):
        user = make_user()
        if shown_before:
            assert ask(user).status_int == 200
        activate(False)
        page = (
            browser.submit(AUTHORIZE, decision="allow") if shown_before else ask(user)
        )
        assert (page.status_int, page.headers.get("Location")) == (400, None)

    def test_ends_codes_and_tokens_of_others(
        self, ask, browser, redeem, me, refresh, client, make_user, activate
    ):
        user = make_user()
        ask(user)
        tokens = redeem(browser.decide()["code"]).json
        code = told(ask(user))["code"]
        activate(False)
        assert me(tokens["access_token"], "/teams/").status_int == 401
        assert_refused(redeem(code), refresh(tokens["refresh_token"], client))
        activate(True)
        assert me(tokens["access_token"], "/teams/").status_int == 401
        answer = refresh(tokens["refresh_token"], client)
        assert (answer.status_int, answer.json) == (400, ENDED_GRANT)

    def test_other_changes_of_his_account_end_nothing(self, act, me, api, owner):
        token = act().json["access_token"]
        change = patch(replace("password", "another battery"))
        assert api(owner).patch(f"/users/{owner.id}", change).status_int == 200
        assert me(token, "/teams/").status_int == 200

    def test_ends_no_first_party_client_of_the_operators(
        self, act, me, client, activate, db
    ):
        client.first_party = True
        db.commit()
        token = act().json["access_token"]
        activate(False)
        assert me(token, "/teams/").status_int == 200
        assert act().status_int == 200


class TestReadOnlyOwner:
    """What he may not do, his client that acts for itself may not either."""

    @pytest.fixture
    def create(self, api, make_client):
        """A function by which a client of the owner tries to write; the refusal."""

        def call(owner, user=None, *, first_party=False):
            about = {"first_party": first_party, "default_scopes": ("teams:write",)}
            client = make_client(owner, **about)
            caller = api(user, client=client, scopes=["teams:write"])
            response = caller.post("/teams/", {"title": "A team"})
            return response.json.get("detail")

        return call

    def test_makes_his_client_read_only(self, create, make_user):
        assert create(make_user("read_only")) == ReadOnlyAccount.sentence

    def test_does_not_matter_to_the_operators(self, create, make_user):
        refused = create(make_user("read_only"), first_party=True)
        assert refused == create(make_user()) != ReadOnlyAccount.sentence

    def test_does_not_matter_where_it_acts_for_others(self, create, make_user):
        assert create(make_user("read_only"), make_user()) is None


class TestHandOver:
    @pytest.fixture
    def path(self, client):
        return f"/auth/oauth2_clients/{client.client_id}"

    def test_lets_what_was_granted_go_on(
        self, api, act, me, admin, path, owner, make_user, activate
    ):
        token = act().json["access_token"]
        before = admin.get(path).json
        new = make_user()
        response = admin.patch(path, [replace("user_id", new.id)])
        assert response.json == {**before, "user_id": new.id, "updated": ANY}
        assert api(new).get(path).status_int == 200
        assert api(owner).get(path).status_int == 403
        activate(False)
        assert me(token, "/teams/").status_int == 200

    def test_client_of_an_inactive_owner_works_again(
        self, act, me, admin, path, make_user, activate
    ):
        token = act().json["access_token"]
        activate(False)
        response = admin.patch(path, [replace("user_id", make_user().id)])
        assert response.status_int == 200
        assert me(token, "/teams/").status_int == 401
        assert me(act().json["access_token"], "/teams/").status_int == 200

    def test_owners_do_not_give_away(self, api, path, owner, make_user):
        caller = api(owner)
        sentence = "Only administrators may transfer a client to another owner."
        for user in (owner, make_user()):
            response = caller.patch(path, [replace("user_id", user.id)])
            assert response.json == problem(403, sentence)
        test = op("test", "/user_id", value=owner.id)
        assert caller.patch(path, [test]).status_int == 200

    def test_to_nobody_changes_nothing(self, admin, path, client, make_user):
        before = admin.get(path).json
        for user_id in (make_user("inactive").id, 2**62):
            response = admin.patch(path, [replace("user_id", user_id)])
            assert (response.status_int, response.json) == (422, NOBODY)
        for wrong in (None, "2", 0, 2**63):
            assert admin.patch(path, [replace("user_id", wrong)]).status_int == 422
        assert admin.get(path).json == before
