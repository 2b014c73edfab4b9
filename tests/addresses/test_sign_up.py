"""Signing up with an address that is verified: ``/users/sign-ups``."""

from datetime import timedelta

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import select, update

from apiserver.addresses.models import SignUp
from apiserver.addresses.schemas import EXAMPLE
from apiserver.auth.tokens import LINK, digest, is_token, make_token
from apiserver.core.db import now
from apiserver.users.events import AccountDeleting
from apiserver.users.models import User
from tests.addresses.conftest import VERIFIED
from tests.addresses.factories import make_sign_up
from tests.auth.browser import password_grant
from tests.client import Client
from tests.mail.features import LINK_OVER
from tests.problems import invalid, problem
from tests.users.accounts import EASY, EMAIL_TAKEN, NAME_TAKEN, detail, newcomer

PATH = "/users/sign-ups"
CONFIRMATION = "/users/sign-ups/confirmation"


@pytest.fixture
def accounts(db):
    """A function that returns the usernames that there are."""
    return lambda: db.scalars(select(User.username).order_by(User.id)).all()


@pytest.fixture
def confirm(stranger):
    return lambda token: stranger.post(CONFIRMATION, {"token": token})


class TestSignUp:
    def test_makes_a_user_once_the_link_is_opened(
        self, app, stranger, mailed_token, accounts, confirm, db, make_client, acts
    ):
        names = {"first_name": "Ada", "middle_name": "King", "last_name": "Lovelace"}
        answer = stranger.post(PATH, form := newcomer(**names))
        assert (answer.status_int, answer.body, accounts()) == (202, b"", [])
        row = db.scalars(select(SignUp)).one()
        assert timedelta(hours=23) < row.expires - now() <= timedelta(days=1)
        token = mailed_token()
        assert is_token(token, LINK)
        db.refresh(row)
        assert row.digest == digest(token)
        answer = confirm(token)
        user = db.scalars(select(User)).one()
        assert answer.json == detail(user, **names, email=form["email"])
        assert db.scalars(select(SignUp)).all() == []
        assert acts("sign_up") == [(None, f"sign_up:{row.id}")]
        assert acts("user_created") == [(None, f"user:{user.id}")]
        credentials = password_grant(form["username"], make_client(first_party=True))
        granted = stranger.call("POST", "/auth/oauth2/token", form=credentials).json
        assert Client(app, granted["access_token"]).get("/users/me").json == answer.json

    @pytest.mark.parametrize("spell", [str, str.upper])
    def test_tells_nobody_but_its_owner_of_an_account(
        self, stranger, mails, user, accounts, spell
    ):
        answer = stranger.post(PATH, newcomer(email=spell(user.email)))
        assert (answer.status_int, answer.body) == (202, b"")
        [mail] = mails()
        assert mail.recipient == user.email
        assert mail.subject.startswith("You already have an account")
        assert "token=" not in mail.text
        assert "/account/lost-password\n" in mail.text
        assert accounts() == [user.username]

    def test_tells_that_a_username_is_taken(self, stranger, make_user, mails):
        make_user(username="Ada Lovelace")
        for name in ("Ada Lovelace", "ada lovelace", "ada Iovelace"):
            assert stranger.post(PATH, newcomer(username=name)).json == NAME_TAKEN
        assert mails() == []

    def test_is_refused_for_a_password_that_is_easy(self, stranger):
        answer = stranger.post(PATH, newcomer(password="password1234"))
        assert answer.json == invalid(password=EASY)

    def test_mails_another_link_when_the_first_was_not_sent(
        self, stranger, mailed_token, confirm, db
    ):
        """The worker has ended between the two: only the newer one works."""
        stranger.post(PATH, newcomer())
        old = make_token(LINK)
        db.execute(update(SignUp).values(digest=digest(old)))
        new = mailed_token()
        assert confirm(old).json == LINK_OVER
        assert confirm(new).status_int == 200

    def test_is_not_mailed_about_once_it_has_expired(self, stranger, mails, db):
        stranger.post(PATH, newcomer())
        db.execute(update(SignUp).values(expires=now()))
        assert mails() == []

    @pytest.mark.parametrize("what", ["mails", "signup_attempts"])
    def test_is_limited(self, api, shared_app, what):
        client = api(app=shared_app(**VERIFIED, **{f"{what}_per_address": "1"}))
        statuses = [client.post(PATH, newcomer()).status_int for _ in range(3)]
        assert statuses == [202, 429, 429]

    def test_goes_with_the_account_of_the_address(self, app, api, make_user, db):
        api()
        user = make_user(email="Gertrude@example.com")
        make_sign_up(db, email=user.email)
        other, _ = make_sign_up(db, email="other@example.com")
        app.registry.notify(AccountDeleting(db, user))
        assert db.scalars(select(SignUp.id)).all() == [other.id]


class TestConfirmation:
    @pytest.mark.parametrize(
        "token",
        ["x", LINK, EXAMPLE, make_token(LINK), make_token("apa_")],
        ids=range(5),
    )
    def test_is_refused_without_a_link(self, confirm, token):
        assert confirm(token).json == LINK_OVER

    def test_works_once_for_a_time(self, confirm, accounts, db):
        _, late = make_sign_up(db, expires=now())
        assert (confirm(late).json, accounts()) == (LINK_OVER, [])
        _, token = make_sign_up(db)
        assert [confirm(token).status_int for _ in "ab"] == [200, 422]

    @pytest.mark.parametrize(
        ("taken", "document"),
        [
            ({"username": "ada"}, NAME_TAKEN),
            ({"email": "ada@example.com"}, EMAIL_TAKEN),
        ],
    )
    def test_tells_what_somebody_has_got_since(
        self, confirm, db, make_user, taken, document
    ):
        _, token = make_sign_up(db)
        make_user(**taken)
        assert confirm(token).json == document


class TestSetting:
    """``apiserver.signup``."""

    def test_verified_leaves_strangers_one_way(self, api, user):
        detail = "Sign up at /users/sign-ups: a mail with a link follows."
        for caller in (None, user):
            assert api(caller).post("/users/", newcomer()).json == problem(403, detail)

    def test_approval_makes_users_that_an_administrator_activates(
        self, api, shared_app, db
    ):
        _, token = make_sign_up(db)
        client = api(app=shared_app(signup="approval"))
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.json["is_active"] is False

    def test_closed_refuses_sign_ups_and_links(self, api, shared_app, db):
        client = api(app=shared_app(signup="closed"))
        closed = problem(403, "Sign-up is closed; ask an administrator.")
        link = {"token": make_sign_up(db)[1]}
        for path, body in ((PATH, newcomer()), (CONFIRMATION, link)):
            assert client.post(path, body).json == closed

    def test_verified_needs_the_feature(self, make_app):
        features = {"signup": "verified", "features": "users teams auth"}
        sentence = "apiserver.features doesn't name addresses"
        with pytest.raises(ConfigurationError, match=sentence):
            make_app("sqlite://", **features)
