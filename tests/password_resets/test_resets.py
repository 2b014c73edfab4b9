"""Lost passwords, by the API: asked for, mailed, set."""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import func, select, update

from apiserver.auth.tokens import LINK, is_token, make_token
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob
from apiserver.password_resets.actions import find_link
from apiserver.password_resets.models import PasswordReset
from apiserver.users.events import AccountDeleting
from apiserver.users.models import Throttle, User
from tests.factories import PASSWORD, PASSWORD_DIGEST
from tests.mail.features import LINK_OVER, sending, sent_again, smtp
from tests.meanwhile import meanwhile
from tests.patches import replace
from tests.problems import invalid, problem
from tests.settings import SHIPPED
from tests.users.accounts import EASY, PERSONAL, SHORT, change

__all__ = ["sending", "sent_again", "smtp"]

ASK = "/auth/password-resets/"
CONFIRM = "/auth/password-resets/confirmation"
NEW = "an umbrella for the tortoise"
CHANGED = "Your password was changed"


@pytest.fixture
def ask(api):
    """A function that asks for a link, and returns the response."""
    return lambda email: api().post(ASK, {"email": email})


@pytest.fixture
def confirm(api):
    """A function that uses a link, and returns the response."""

    def call(token, password=NEW, user=None):
        return api(user).post(CONFIRM, {"token": token, "password": password})

    return call


@pytest.fixture
def signs_in(browser, user):
    """A function that says whether the user gets on with a password."""
    return lambda password: browser.sign_in(user.username, password).status_int == 303


class TestAsk:
    def test_mails_a_link_that_sets_a_password_once(
        self, ask, confirm, mailed_token, user, signs_in, db
    ):
        assert ask(user.email).status_int == 202
        token = mailed_token()
        assert is_token(token, LINK)
        assert signs_in(PASSWORD)
        assert confirm(token).status_int == 204
        assert [signs_in(each) for each in (PASSWORD, NEW)] == [False, True]
        assert confirm(token).json == LINK_OVER
        assert db.scalars(select(PasswordReset)).all() == []

    def test_knows_an_address_in_any_spelling(self, ask, notified, make_user):
        make_user(email="Ada@bücher.example")
        ask("aDA@XN--BCHER-KVA.example")
        [(recipient, _)] = notified()
        # To the address of the account, whatever was typed.
        assert recipient == "Ada@xn--bcher-kva.example"

    @pytest.mark.parametrize("kind", ["inactive", "internal", None])
    def test_mails_nobody_who_may_not_sign_in(self, ask, mails, make_user, kind, db):
        email = make_user(kind).email if kind else "nobody@example.com"
        assert ask(email).status_int == 202
        assert mails() == []
        assert db.scalars(select(PasswordReset)).all() == []
        assert db.scalar(select(func.count(QueuedJob.id))) == 0

    def test_mails_administrators_and_read_only_accounts(self, ask, mails, make_user):
        for kind in ("admin", "read_only"):
            ask(make_user(kind).email)
        assert len(mails()) == 2

    def test_is_limited_by_the_address_of_the_network(self, ask, user):
        emails = ["nobody@example.com", user.email]
        answers = [ask(emails[number % 2]).status_int for number in range(31)]
        assert answers == [202] * 30 + [429]

    def test_beyond_the_limit_of_a_recipient_leaves_the_link(
        self, ask, confirm, mailed_token, mails, user
    ):
        for _ in range(9):
            ask(user.email)
        assert len(mails()) == 9
        ask(user.email)
        token = mailed_token()
        ask(user.email)
        assert mails() == []
        assert confirm(token).status_int == 204

    def test_again_replaces_the_link(self, ask, confirm, mailed_token, user):
        links = []
        for _ in "ab":
            ask(user.email)
            links.append(mailed_token())
        assert confirm(links[0]).json == LINK_OVER
        assert confirm(links[1]).status_int == 204

    def test_is_answered_by_the_link_of_the_last_attempt(
        self, sending, sent_again, api, user, db
    ):
        """The first one may have arrived, though the server has said it did not."""
        assert api(app=sending).post(ASK, {"email": user.email}).status_int == 202
        recipients, token = sent_again(select(PasswordReset.digest))
        assert recipients == [user.email]
        assert find_link(db, token).user_id == user.id


class TestAdministrator:
    def test_mails_a_link(self, api, make_user, mailed_token, confirm, user, acts):
        admin = make_user("admin")
        path = f"/users/{user.id}/password-resets/"
        assert api(admin).post(path).status_int == 202
        assert confirm(mailed_token()).status_int == 204
        target = f"password_reset_of:{user.id}"
        assert acts("password_reset_requested") == [(admin.id, target)]
        # By the worker.
        assert acts("password_reset_mailed") == [(None, target)]
        assert acts("password_reset") == [(user.id, f"user:{user.id}")]

    @pytest.mark.parametrize("kind", ["inactive", "internal"])
    def test_mails_nobody_who_may_not_sign_in(self, api, make_user, mails, kind):
        path = f"/users/{make_user(kind).id}/password-resets/"
        refused = problem(409, "Inactive and internal accounts get no link.")
        assert api(make_user("admin")).post(path).json == refused
        assert mails() == []


class TestConfirm:
    def test_ends_all_that_was_granted(self, api, confirm, make_reset, user):
        caller = api(user)
        assert confirm(make_reset(user), user=user).status_int == 204
        assert caller.get("/users/me").status_int == 401

    @pytest.mark.parametrize(
        ("password", "said"),
        [
            ("short", SHORT),
            ("aaaaaaaaaaaaaaaa", EASY),
            ("my name is {username}", PERSONAL),
        ],
    )
    def test_by_the_rules_leaves_the_link(
        self, confirm, make_reset, user, password, said
    ):
        token = make_reset(user)
        password = password.format(username=user.username)
        assert confirm(token, password).json == invalid(password=said)
        assert confirm(token).status_int == 204

    @pytest.mark.parametrize("token", ["x", "apl_" + "0" * 51, "a" * 80])
    def test_refuses_garbage_without_a_query(self, confirm, statements, token, api):
        api()
        with statements() as executed:
            assert confirm(token).json == LINK_OVER
        assert executed == []

    def test_refuses_an_unknown_token(self, confirm, events, make_reset, user):
        make_reset(user)
        assert confirm(make_token(LINK)).json == LINK_OVER
        last = events()[-1]
        assert (last["action"], last["result"]) == ("password_reset", "failure")

    @pytest.mark.parametrize(
        "columns",
        [
            {"is_active": False},
            {"is_internal": True},
            {"epoch": User.epoch + 1},
            {"canonical_email": "other@example.com"},
        ],
        ids=["deactivated", "internal", "signed out", "another address"],
    )
    @pytest.mark.parametrize("when", ["before", "meanwhile"])
    def test_is_refused_once_the_account_has_changed(
        self, api, confirm, make_reset, connection, user, db, columns, when
    ):
        """Before the link is looked up; or after that, before the lock."""
        token, changed = make_reset(user), update(User).values(**columns)
        api()
        number = {"before": 1, "meanwhile": 4}[when]
        with meanwhile(connection, number, lambda: connection.execute(changed)):
            assert confirm(token).json == LINK_OVER
        db.refresh(user)
        assert user.password_digest == PASSWORD_DIGEST

    def test_is_refused_after_its_time(self, confirm, make_reset, user, db):
        token = make_reset(user)
        past = now() - timedelta(seconds=1)
        db.execute(update(PasswordReset).values(expires=past))
        assert confirm(token).json == LINK_OVER

    def test_is_throttled_by_address(self, confirm, make_reset, user, db):
        token = make_reset(user)
        confirm(make_token(LINK))
        db.execute(update(Throttle).values(tries=100))
        assert confirm(token).status_int == 429
        db.execute(update(Throttle).values(expires=now()))
        assert confirm(token).status_int == 204

    def test_lets_the_user_in_at_whose_password_somebody_guesses(
        self, confirm, make_reset, user, signs_in
    ):
        token = make_reset(user)
        for _ in range(11):
            assert not signs_in("guess")
        confirm(token)
        assert signs_in(NEW)

    def test_tells_the_user(self, confirm, make_reset, user, mails, db):
        confirm(make_reset(user))
        address = user.email
        db.execute(update(User).values(email="other@example.com"))
        [mail] = mails()
        assert (mail.recipient, mail.subject) == (address, CHANGED)
        assert "https://api.example.com/account/lost-password\n" in mail.text


class TestNotice:
    def test_tells_of_a_password_that_is_set_otherwise(self, api, user, notified):
        assert change(api(user), user, replace("password", NEW)).status_int == 200
        assert notified() == [(user.email, CHANGED)]

    def test_goes_with_the_account(
        self, app, confirm, make_reset, make_user, user, notified, db
    ):
        other = make_user()
        for each in (user, other):
            confirm(make_reset(each))
        db.refresh(user)
        app.registry.notify(AccountDeleting(db, user))
        assert notified() == [(other.email, CHANGED)]


class TestSecondFactor:
    @pytest.mark.skipif("factors" not in SHIPPED.split(), reason="is about factors")
    def test_is_asked_for_as_ever(self, confirm, make_reset, user, browser, db):
        import_module("tests.factors.accounts").add_totp(db, user)
        confirm(make_reset(user))
        response = browser.sign_in(user.username, NEW)
        assert response.headers["Location"] == "/auth/second-factor"


@pytest.mark.skipif("personal_tokens" not in SHIPPED.split(), reason="is about tokens")
class TestPersonalToken:
    @pytest.mark.parametrize("is_own", [True, False])
    def test_ends_whoever_calls(self, api, confirm, make_reset, user, db, is_own):
        make = import_module("tests.personal_tokens.factories")
        caller = api()
        _, caller.token = make.make_personal_token(db, user)
        assert caller.get("/users/me").status_int == 200
        confirm(make_reset(user), user=user if is_own else None)
        assert caller.get("/users/me").status_int == 401
