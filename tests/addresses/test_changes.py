"""Changing one's address, and taking that back: ``/users/me/address-changes/``."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.addresses.models import AddressChange, AddressTakeBack
from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.users.models import User
from tests.addresses.conftest import VERIFIED
from tests.addresses.factories import make_change, make_take_back
from tests.mail.features import LINK_OVER
from tests.patches import replace
from tests.problems import conflict, invalid
from tests.project import STALE
from tests.users.accounts import EMAIL_TAKEN, change, columns

PATH = "/users/me/address-changes/"
CONFIRMATION = "/users/address-changes/confirmation"
TAKING_BACK = "/users/address-changes/taking-back"
NEW = "ada@example.com"


class TestChange:
    def test_is_made_once_the_new_address_confirms_it(
        self, api, stranger, user, mailed_token, notified, email_of, acts
    ):
        old, client = user.email, api(user)
        answer = client.post(PATH, {"email": NEW})
        assert (answer.status_int, answer.body, email_of(user)) == (202, b"", old)
        link = {"token": mailed_token()}
        answer = stranger.post(CONFIRMATION, link)
        assert (answer.status_int, answer.body) == (204, b"")
        assert client.get("/users/me").json["email"] == NEW
        assert stranger.post(CONFIRMATION, link).json == LINK_OVER
        asked = (user.id, f"address_change_of:{user.id}")
        assert acts("address_change_asked") == [asked]
        assert acts("address_changed") == [(None, f"user:{user.id}")]
        [(recipient, subject)] = notified()
        assert (recipient, subject.endswith("was changed")) == (old, True)

    def test_tells_nobody_but_its_owner_of_an_account(
        self, api, user, make_user, mails, db
    ):
        owner = make_user()
        answer = api(user).post(PATH, {"email": owner.email.upper()})
        assert (answer.status_int, answer.body) == (202, b"")
        [mail] = mails()
        assert mail.recipient == owner.email
        assert mail.subject.startswith("Your address has an account")
        assert user.username not in mail.text
        assert db.scalars(select(AddressChange.digest)).all() == [None]

    def test_may_be_one_of_letters_alone(
        self, api, stranger, user, mailed_token, mails
    ):
        """The mailbox is the same: nobody else is to be told."""
        api(user).post(PATH, {"email": user.email.upper()})
        assert stranger.post(CONFIRMATION, {"token": mailed_token()}).status_int == 204
        assert mails() == []

    def test_to_the_same_address_is_none(self, api, user):
        answer = api(user).post(PATH, {"email": user.email})
        assert answer.json == conflict("This is your address already.", "email")

    def test_needs_a_recent_sign_in(self, api, user, an_hour_later):
        client = api(user)
        an_hour_later()
        assert client.post(PATH, {"email": NEW}).json == STALE

    def test_is_limited(self, api, shared_app, user):
        client = api(user, app=shared_app(mails_per_address="1"))
        statuses = [client.post(PATH, {"email": NEW}).status_int for _ in "ab"]
        assert statuses == [202, 429]

    def test_replaces_an_older_one(self, api, stranger, user, db, mailed_token):
        _, old = make_change(db, user)
        api(user).post(PATH, {"email": NEW})
        assert stranger.post(CONFIRMATION, {"token": old}).json == LINK_OVER
        assert stranger.post(CONFIRMATION, {"token": mailed_token()}).status_int == 204

    @pytest.mark.parametrize(
        "ended", [{"epoch": 1}, {"is_active": False}, {"is_regular_user": False}]
    )
    def test_ends_with_the_rights_of_the_account(
        self, stranger, user, db, ended, email_of
    ):
        row, token = make_change(db, user)
        db.execute(update(User).where(User.id == user.id).values(**ended))
        assert stranger.post(CONFIRMATION, {"token": token}).json == LINK_OVER
        assert email_of(user) != row.email


@pytest.mark.parametrize(
    ("path", "make", "make_other"),
    [
        (CONFIRMATION, make_change, make_take_back),
        (TAKING_BACK, make_take_back, make_change),
    ],
    ids=["change", "take back"],
)
class TestLink:
    def test_is_of_its_kind_and_time(self, stranger, user, db, path, make, make_other):
        _, late = make(db, user, expires=now())
        _, other = make_other(db, user)
        for token in (late, other, "x", make_token(LINK)):
            assert stranger.post(path, {"token": token}).json == LINK_OVER

    def test_tells_when_somebody_has_got_the_address(
        self, stranger, user, db, make_user, email_of, path, make, make_other
    ):
        row, token = make(db, user)
        make_user(email=row.email)
        assert stranger.post(path, {"token": token}).json == EMAIL_TAKEN
        assert email_of(user) != row.email


class TestTakingBack:
    def test_restores_the_address_and_ends_all_else(
        self, api, stranger, user, db, mailed_token, acts
    ):
        old, epoch, client = user.email, user.epoch, api(user)
        client.post(PATH, {"email": NEW})
        stranger.post(CONFIRMATION, {"token": mailed_token()})
        row = db.scalars(select(AddressTakeBack)).one()
        assert timedelta(days=6) < row.expires - now() <= timedelta(days=7)
        token = mailed_token()
        make_change(db, user)
        answer = stranger.post(TAKING_BACK, {"token": token})
        assert (answer.status_int, answer.body) == (204, b"")
        assert client.get("/users/me").status_int == 401
        found = columns(db, user)
        assert (found["email"], found["canonical_email"]) == (old, old)
        assert found["epoch"] == epoch + 1
        for model in (AddressChange, AddressTakeBack):
            assert db.scalars(select(model)).all() == []
        assert acts("address_taken_back") == [(None, f"user:{user.id}")]

    def test_outlives_a_second_change_and_a_new_password(
        self, stranger, user, db, email_of
    ):
        first = user.email
        _, token = make_take_back(db, user, email=first)
        changed = update(User).where(User.id == user.id)
        db.execute(changed.values(epoch=5, email="b@x.de"))
        _, later = make_take_back(db, user, email="b@example.com")
        _, earlier = make_take_back(db, user, id=0, email="z@example.com")
        assert stranger.post(TAKING_BACK, {"token": token}).status_int == 204
        assert email_of(user) == first
        assert stranger.post(TAKING_BACK, {"token": later}).json == LINK_OVER
        kept = db.scalars(select(AddressTakeBack.digest)).all()
        assert kept == [digest(earlier)]


class TestPatch:
    """``PATCH /users/{user_id}`` of ``/email``."""

    WHERE = "Change it at /users/me/address-changes/: a mail with a link follows."

    @pytest.mark.parametrize("kind", ["regular", "admin"])
    @pytest.mark.parametrize("signup", ["verified", "approval", "closed"])
    def test_of_oneself_is_refused(
        self, api, shared_app, make_user, email_of, kind, signup
    ):
        user = make_user(kind)
        app = shared_app(**{**VERIFIED, "signup": signup})
        answer = change(api(user, app=app), user, replace("email", NEW))
        assert answer.json == invalid(email=self.WHERE)
        assert email_of(user) != NEW

    def test_that_changes_nothing_is_none(self, api, user):
        same = replace("email", user.email), replace("first_name", "Ada")
        assert change(api(user), user, *same).status_int == 200

    def test_of_oneself_is_told_the_old_address_where_all_may_sign_up(
        self, api, shared_app, user, email_of, notified, statements
    ):
        old, client = user.email, api(user, app=shared_app())
        with statements() as executed:
            change(client, user, replace("email", NEW))
        assert len(executed) == 15, executed
        assert email_of(user) == NEW
        assert [recipient for recipient, _ in notified()] == [old]
