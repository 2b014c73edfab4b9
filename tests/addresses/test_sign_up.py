"""Signing up with an address that is verified: ``/users/sign-ups``."""

from datetime import timedelta

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import select, update

from apiserver.addresses.models import SignUp
from apiserver.addresses.schemas import EXAMPLE
from apiserver.auth.tokens import LINK, digest, is_token, make_token
from apiserver.core.db import now
from apiserver.mail import LinkInvalid
from apiserver.users.models import User
from tests.addresses.factories import make_sign_up
from tests.auth.browser import password_grant
from tests.client import Client
from tests.problems import conflict, invalid, problem
from tests.users.accounts import detail, newcomer

PATH = "/users/sign-ups"
CONFIRMATION = "/users/sign-ups/confirmation"


@pytest.fixture
def client(api, verified):
    return api(app=verified)


@pytest.fixture
def stored(db):
    """A function that returns the account of a name, or None."""
    return lambda name: db.scalar(select(User).where(User.username == name))


class TestSignUp:
    def test_makes_a_user_once_the_link_is_opened(
        self, client, token_in, stored, db, verified, make_client, events
    ):
        form = newcomer(first_name="Ada", middle_name="King", last_name="Lovelace")
        answer = client.post(PATH, form)
        assert (answer.status_int, answer.body) == (202, b"")
        assert stored(form["username"]) is None
        row = db.scalars(select(SignUp)).one()
        lives = row.expires - now()
        assert timedelta(hours=23) < lives <= timedelta(days=1)
        token = token_in()
        assert is_token(token, LINK)
        db.refresh(row)
        assert row.digest == digest(token)
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.status_int == 200
        user = stored(form["username"])
        names = {"first_name": "Ada", "middle_name": "King", "last_name": "Lovelace"}
        assert answer.json == detail(user, **names, email=form["email"])
        assert db.scalars(select(SignUp)).all() == []
        actions = [(e["action"], e["target"]) for e in events()]
        assert actions[-2:] == [
            ("sign_up", f"sign_up:{row.id}"),
            ("user_created", f"user:{user.id}"),
        ]
        credentials = password_grant(form["username"], make_client(first_party=True))
        granted = client.call("POST", "/auth/oauth2/token", form=credentials).json
        me = Client(verified, granted["access_token"]).get("/users/me").json
        assert me == answer.json

    @pytest.mark.parametrize("spell", [str, str.upper])
    def test_tells_nobody_but_its_owner_of_an_account(
        self, client, mails, make_user, stored, spell
    ):
        user = make_user()
        form = newcomer(email=spell(user.email))
        answer = client.post(PATH, form)
        assert (answer.status_int, answer.body) == (202, b"")
        [mail] = mails()
        assert mail.recipient == user.email
        assert mail.subject.startswith("You already have an account")
        assert f"Your username is {user.username}." in mail.text
        assert "token=" not in mail.text
        assert stored(form["username"]) is None

    def test_tells_that_a_username_is_taken(self, client, make_user, mails):
        user = make_user(username="Ada Lovelace")
        for name in (user.username, "ada lovelace", "ada Iovelace"):
            answer = client.post(PATH, newcomer(username=name))
            sentence = "This username, or one that looks like it, is already taken."
            assert answer.json == conflict(sentence, "username")
        assert mails() == []

    def test_is_refused_for_a_password_that_is_easy(self, client):
        answer = client.post(PATH, newcomer(password="password1234"))
        sentence = "Is too easy to guess; use several unrelated words."
        assert answer.json == invalid(password=sentence)

    def test_mails_another_link_when_the_first_was_not_sent(
        self, client, token_in, db, stored
    ):
        """The worker has ended between the two: only the newer one works."""
        old = make_token(LINK)
        form = newcomer()
        client.post(PATH, form)
        db.execute(update(SignUp).values(digest=digest(old)))
        new = token_in()
        assert client.post(CONFIRMATION, {"token": old}).json == invalid(
            token=LinkInvalid.sentence
        )
        assert client.post(CONFIRMATION, {"token": new}).status_int == 200

    def test_is_not_mailed_about_once_it_has_expired(self, client, mails, db):
        client.post(PATH, newcomer())
        db.execute(update(SignUp).values(expires=now()))
        assert mails() == []

    def test_is_limited_by_mails(self, api, shared_app):
        limits = {"mails_per_address": "1", "captcha": "off", "captcha_secret": ""}
        client = api(app=shared_app(signup="verified", **limits))
        statuses = [client.post(PATH, newcomer()).status_int for _ in range(3)]
        assert statuses == [202, 429, 429]

    def test_is_limited_by_sign_ups(self, api, shared_app):
        limits = {"signup_attempts_per_address": "1"}
        client = api(app=shared_app(signup="verified", **limits))
        statuses = [client.post(PATH, newcomer()).status_int for _ in range(3)]
        assert statuses == [202, 429, 429]


class TestConfirmation:
    @pytest.mark.parametrize(
        "token",
        ["x", LINK, EXAMPLE, make_token(LINK), make_token("apa_")],
        ids=range(5),
    )
    def test_is_refused_without_a_link(self, client, token):
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.status_int == 422
        assert answer.json == invalid(token=LinkInvalid.sentence)

    def test_works_once(self, client, db):
        _, token = make_sign_up(db)
        answers = [client.post(CONFIRMATION, {"token": token}) for _ in "ab"]
        assert [answer.status_int for answer in answers] == [200, 422]

    def test_works_for_a_time(self, client, db, stored):
        _, token = make_sign_up(db, expires=now())
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.json == invalid(token=LinkInvalid.sentence)
        assert stored("ada") is None

    @pytest.mark.parametrize(
        ("taken", "name", "sentence"),
        [
            (
                {"username": "ada"},
                "username",
                "This username, or one that looks like it, is already taken.",
            ),
            (
                {"email": "ada@example.com"},
                "email",
                "A user with this email address already exists.",
            ),
        ],
    )
    def test_tells_what_somebody_has_got_since(
        self, client, db, make_user, taken, name, sentence
    ):
        _, token = make_sign_up(db)
        make_user(**taken)
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.json == conflict(sentence, name)


class TestSetting:
    """``apiserver.signup``."""

    def test_verified_leaves_strangers_one_way(self, client, api, make_user, verified):
        detail = "Sign up at /users/sign-ups: a mail with a link follows."
        for caller in (client, api(make_user(), app=verified)):
            assert caller.post("/users/", newcomer()).json == problem(403, detail)

    def test_approval_makes_users_that_an_administrator_activates(
        self, api, shared_app, db
    ):
        _, token = make_sign_up(db)
        client = api(app=shared_app(signup="approval"))
        answer = client.post(CONFIRMATION, {"token": token})
        assert answer.json["is_active"] is False

    def test_closed_refuses_sign_ups_and_links(self, api, shared_app, db):
        _, token = make_sign_up(db)
        client = api(app=shared_app(signup="closed"))
        closed = problem(403, "Sign-up is closed; ask an administrator.")
        assert client.post(PATH, newcomer()).json == closed
        assert client.post(CONFIRMATION, {"token": token}).json == closed

    def test_verified_needs_the_feature(self, make_app):
        features = {"signup": "verified", "features": "users teams auth"}
        sentence = "apiserver.features doesn't name addresses"
        with pytest.raises(ConfigurationError, match=sentence):
            make_app("sqlite://", **features)
