"""Clients stop with their owner, until they are handed over or he is active again."""

from unittest.mock import ANY

import pytest

from apiserver.core.tree.policy import ReadOnlyAccount
from tests import factories
from tests.auth.browser import redemption, told
from tests.auth.conftest import SCOPES
from tests.conformance.flow import AUTHORIZE, REDIRECT_URI
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.oauth_errors import ENDED_GRANT, INVALID_CLIENT
from tests.patches import op, replace
from tests.problems import invalid, problem
from tests.racers import Call
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
    def test_client_gets_no_tokens(self, act, post, client, activate):
        activate(False)
        assert_refused(act(), post(client, to="introspect", token="any"))

    def test_its_tokens_are_dead_for_good(
        self, act, me, post, client, make_client, activate
    ):
        token = act().json["access_token"]
        assert me(token, "/teams/").status_int == 200
        server = make_client(first_party=True)
        for is_active in (False, True):
            activate(is_active)
            assert me(token, "/teams/").status_int == 401
            assert post(server, to="introspect", token=token).json == INACTIVE

    def test_others_see_no_consent_page(self, ask, make_user, activate):
        activate(False)
        page = ask(make_user())
        assert page.status_int == 400
        assert "The application is unknown" in page.text
        assert "Location" not in page.headers

    def test_page_that_was_shown_before_leads_nowhere(
        self, ask, browser, make_user, activate
    ):
        assert ask(make_user()).status_int == 200
        activate(False)
        answer = browser.submit(AUTHORIZE, decision="allow")
        assert (answer.status_int, answer.headers.get("Location")) == (400, None)

    def test_codes_and_tokens_of_others_are_dead(
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

    def test_active_again_the_client_works_again(self, act, me, activate):
        activate(False)
        activate(True)
        assert me(act().json["access_token"], "/teams/").status_int == 200

    def test_by_whatever_door_he_became_inactive(self, act, me, owner, db):
        token = act().json["access_token"]
        owner.is_active = False
        db.commit()
        assert_refused(act())
        assert me(token, "/teams/").status_int == 401

    def test_other_changes_of_his_account_end_nothing(self, act, me, api, owner):
        token = act().json["access_token"]
        change = patch(replace("password", "another battery"))
        assert api(owner).patch(f"/users/{owner.id}", change).status_int == 200
        assert me(token, "/teams/").status_int == 200

    def test_first_party_clients_are_the_operators(
        self, post, me, client, activate, db
    ):
        client.first_party = True
        db.commit()
        token = post(client, **CREDENTIALS).json["access_token"]
        activate(False)
        assert me(token, "/teams/").status_int == 200
        assert post(client, **CREDENTIALS).status_int == 200


class TestReadOnlyOwner:
    """What he may not do, his client that acts for itself may not either."""

    PATH = "/teams/"

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
        self, act, me, admin, path, client, owner, make_user, activate
    ):
        token = act().json["access_token"]
        before = admin.get(path).json
        new = make_user()
        response = admin.patch(path, [replace("user_id", new.id)])
        assert response.status_int == 200
        assert response.json == {**before, "user_id": new.id, "updated": ANY}
        activate(False)
        assert me(token, "/teams/").status_int == 200

    def test_new_owner_may_change_it_and_the_old_one_not(
        self, api, admin, path, owner, make_user
    ):
        new = make_user()
        admin.patch(path, [replace("user_id", new.id)])
        assert api(new).get(path).status_int == 200
        assert api(owner).get(path).status_int == 403

    def test_client_of_an_inactive_owner_works_again(
        self, act, me, admin, path, make_user, activate
    ):
        token = act().json["access_token"]
        activate(False)
        response = admin.patch(path, [replace("user_id", make_user().id)])
        assert response.status_int == 200
        assert me(token, "/teams/").status_int == 401
        assert me(act().json["access_token"], "/teams/").status_int == 200

    @pytest.mark.parametrize("own", [True, False])
    def test_owners_do_not_give_away(self, api, path, owner, make_user, own):
        user = owner if own else make_user()
        response = api(owner).patch(path, [replace("user_id", user.id)])
        sentence = "Only administrators may transfer a client to another owner."
        assert response.json == problem(403, sentence)

    def test_owner_may_be_tested(self, api, path, owner):
        response = api(owner).patch(path, [op("test", "/user_id", value=owner.id)])
        assert response.status_int == 200

    def test_to_nobody_changes_nothing(self, admin, path, client, make_user):
        before = admin.get(path).json
        for user_id in (make_user("inactive").id, 2**62):
            response = admin.patch(path, [replace("user_id", user_id)])
            assert (response.status_int, response.json) == (422, NOBODY)
        for wrong in (None, "2", 0, 2**63):
            assert admin.patch(path, [replace("user_id", wrong)]).status_int == 422
        assert admin.get(path).json == before


class TestRaces:
    ROUNDS = 12

    @pytest.fixture
    def scene(self, open_session):
        """A function that makes owner and client, and who deactivates whom."""

        def make():
            with open_session() as db:
                owner = factories.make_user(db)
                client = factories.make_client(db, owner)
                admin = factories.make_user(db, "admin")
                scopes = ("users:write", "auth:write")
                return owner, client, factories.make_token(db, admin, scopes=scopes)

        return make

    @staticmethod
    def set_active(user, token, *, is_active):
        change = patch(replace("is_active", is_active))
        address = f"192.0.2.{user.id % 250}"
        return Call(token, "PATCH", f"/users/{user.id}", change, address=address)

    @staticmethod
    def issue(client, times):
        """Return calls for a token, each from an address of its own."""
        headers = basic(client.client_id, CLIENT_SECRET)
        call = Call(None, "POST", "/auth/oauth2/token", None, headers, CREDENTIALS)
        return [call._replace(address=f"192.0.2.{n}") for n in range(times)]

    def test_no_token_outlives_the_deactivation(self, racers, scene):
        for _ in range(self.ROUNDS):
            owner, client, admin = scene()
            end = self.set_active(owner, admin, is_active=False)
            ended, *answers = racers.run(end, *self.issue(client, 11))
            answers += racers.run(*self.issue(client, 4))
            assert ended.status == 200
            assert [answer.status for answer in answers[-4:]] == [401] * 4
            racers.run(self.set_active(owner, admin, is_active=True))
            issued = [a.json["access_token"] for a in answers if a.status == 200]
            calls = [Call(token, "GET", "/teams/") for token in issued]
            used = racers.run(*calls)
            assert [answer.status for answer in used] == [401] * len(issued)

    def test_client_is_given_to_nobody_who_is_deactivated(
        self, racers, scene, open_session
    ):
        seen = set()
        for _ in range(self.ROUNDS):
            _, client, admin = scene()
            new, _, other = scene()
            with open_session() as db:
                token = factories.make_token(db, client=client, scopes=["teams:read"])
            path = f"/auth/oauth2_clients/{client.client_id}"
            give = Call(other, "PATCH", path, [replace("user_id", new.id)])
            calls = [give, self.set_active(new, admin, is_active=False)]
            given, ended = racers.run(*calls)
            racers.run(self.set_active(new, admin, is_active=True))
            (used,) = racers.run(Call(token, "GET", "/teams/"))
            seen.add((given.status, ended.status, used.status))
        # Given before, so that the token died with the owner; or not given.
        assert seen <= {(200, 200, 401), (422, 200, 200)}
