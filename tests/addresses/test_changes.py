"""Changing one's address, and taking that back: ``/users/me/address-changes/``."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from apiserver.addresses.models import AddressChange, AddressTakeBack
from apiserver.auth.tokens import LINK, digest, make_token
from apiserver.core.db import now
from apiserver.mail import LinkInvalid
from apiserver.users.models import User
from tests.addresses.factories import make_change, make_take_back
from tests.patches import replace
from tests.problems import conflict, invalid
from tests.users.accounts import columns, patch

PATH = "/users/me/address-changes/"
CONFIRMATION = "/users/address-changes/confirmation"
TAKING_BACK = "/users/address-changes/taking-back"
NEW = "ada@example.com"


@pytest.fixture
def stranger(api, verified):
    return api(app=verified)


@pytest.fixture
def email_of(db):
    """A function that returns the address of an account."""
    return lambda user: db.scalar(select(User.email).where(User.id == user.id))


class TestChange:
    def test_is_made_once_the_new_address_confirms_it(
        self, fresh, stranger, user, db, mails, token_in, email_of, events
    ):
        old, client = user.email, fresh(user)
        answer = client.post(PATH, {"email": NEW})
        assert (answer.status_int, answer.body) == (202, b"")
        assert email_of(user) == old
        token = token_in()
        answer = stranger.post(CONFIRMATION, {"token": token})
        assert (answer.status_int, answer.body) == (204, b"")
        assert email_of(user) == NEW
        assert client.get("/users/me").json["email"] == NEW
        assert stranger.post(CONFIRMATION, {"token": token}).json == invalid(
            token=LinkInvalid.sentence
        )
        told = [(e["action"], e["target"]) for e in events()]
        assert told[-2:] == [
            ("address_change_asked", f"address_change_of:{user.id}"),
            ("address_changed", f"user:{user.id}"),
        ]
        [mail] = mails()
        assert mail.recipient == old
        assert mail.subject.endswith("was changed")

    def test_tells_nobody_but_its_owner_of_an_account(
        self, fresh, user, make_user, mails, db
    ):
        owner = make_user()
        answer = fresh(user).post(PATH, {"email": owner.email.upper()})
        assert (answer.status_int, answer.body) == (202, b"")
        [mail] = mails()
        assert mail.recipient == owner.email
        assert mail.subject.startswith("Your address has an account")
        assert user.username not in mail.text
        assert db.scalars(select(AddressChange.digest)).all() == [None]

    def test_may_be_one_of_letters_alone(self, fresh, stranger, user, token_in, mails):
        """The mailbox is the same: nobody else is to be told."""
        fresh(user).post(PATH, {"email": user.email.upper()})
        assert stranger.post(CONFIRMATION, {"token": token_in()}).status_int == 204
        assert mails() == []

    def test_to_the_same_address_is_none(self, fresh, user):
        answer = fresh(user).post(PATH, {"email": user.email})
        assert answer.json == conflict("This is your address already.", "email")

    def test_needs_a_recent_sign_in(self, fresh, user, an_hour_later):
        client = fresh(user)
        an_hour_later()
        answer = client.post(PATH, {"email": NEW})
        assert answer.status_int == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_user_authentication"' in challenge

    def test_is_limited(self, fresh, shared_app, user):
        client = fresh(user, app=shared_app(mails_per_address="1"))
        statuses = [client.post(PATH, {"email": NEW}).status_int for _ in "ab"]
        assert statuses == [202, 429]

    def test_replaces_an_older_one(self, fresh, stranger, user, db, token_in):
        _, old = make_change(db, user)
        fresh(user).post(PATH, {"email": NEW})
        assert stranger.post(CONFIRMATION, {"token": old}).json == invalid(
            token=LinkInvalid.sentence
        )
        assert stranger.post(CONFIRMATION, {"token": token_in()}).status_int == 204

    def test_is_told_when_somebody_has_got_the_address(
        self, stranger, user, db, make_user, email_of
    ):
        row, token = make_change(db, user)
        make_user(email=row.email)
        answer = stranger.post(CONFIRMATION, {"token": token})
        taken = "A user with this email address already exists."
        assert answer.json == conflict(taken, "email")
        assert email_of(user) != row.email

    @pytest.mark.parametrize(
        "ended",
        [
            {"epoch": 1},
            {"is_active": False},
            {"is_regular_user": False},
        ],
    )
    def test_ends_with_the_rights_of_the_account(
        self, stranger, user, db, ended, email_of
    ):
        row, token = make_change(db, user)
        db.execute(update(User).where(User.id == user.id).values(**ended))
        assert stranger.post(CONFIRMATION, {"token": token}).json == invalid(
            token=LinkInvalid.sentence
        )
        assert email_of(user) != row.email

    @pytest.mark.parametrize("path", [CONFIRMATION, TAKING_BACK])
    def test_needs_a_link_of_its_kind(self, stranger, user, db, path):
        make = {CONFIRMATION: make_take_back, TAKING_BACK: make_change}[path]
        _, other = make(db, user)
        for token in (other, "x", make_token(LINK)):
            assert stranger.post(path, {"token": token}).json == invalid(
                token=LinkInvalid.sentence
            )

    def test_works_for_a_time(self, stranger, user, db):
        for make, path in ((make_change, CONFIRMATION), (make_take_back, TAKING_BACK)):
            _, token = make(db, user, expires=now())
            assert stranger.post(path, {"token": token}).json == invalid(
                token=LinkInvalid.sentence
            )


class TestTakingBack:
    def test_restores_the_address_and_ends_all_else(
        self, fresh, api, stranger, user, db, token_in, email_of, events
    ):
        old, client = user.email, fresh(user)
        epoch = user.epoch
        client.post(PATH, {"email": NEW})
        stranger.post(CONFIRMATION, {"token": token_in()})
        row = db.scalars(select(AddressTakeBack)).one()
        assert timedelta(days=6) < row.expires - now() <= timedelta(days=7)
        token = token_in()
        make_change(db, user)
        answer = stranger.post(TAKING_BACK, {"token": token})
        assert (answer.status_int, answer.body) == (204, b"")
        assert client.get("/users/me").status_int == 401
        now_stored = columns(db, user)
        assert (now_stored["email"], now_stored["canonical_email"]) == (old, old)
        assert now_stored["epoch"] == epoch + 1
        for model in (AddressChange, AddressTakeBack):
            assert db.scalars(select(model)).all() == []
        last = events()[-1]
        target = f"user:{user.id}"
        assert (last["action"], last["target"]) == ("address_taken_back", target)

    def test_outlives_a_second_change_and_a_new_password(
        self, stranger, user, db, email_of
    ):
        first = user.email
        _, token = make_take_back(db, user, email=first)
        db.execute(
            update(User).where(User.id == user.id).values(epoch=5, email="b@x.de")
        )
        _, later = make_take_back(db, user, email="b@example.com")
        _, earlier = make_take_back(db, user, id=0, email="z@example.com")
        assert stranger.post(TAKING_BACK, {"token": token}).status_int == 204
        assert email_of(user) == first
        assert stranger.post(TAKING_BACK, {"token": later}).json == invalid(
            token=LinkInvalid.sentence
        )
        kept = db.scalars(select(AddressTakeBack.digest)).all()
        assert kept == [digest(earlier)]

    def test_is_told_when_somebody_has_got_the_address(
        self, stranger, user, db, make_user
    ):
        row, token = make_take_back(db, user)
        make_user(email=row.email)
        answer = stranger.post(TAKING_BACK, {"token": token})
        taken = "A user with this email address already exists."
        assert answer.json == conflict(taken, "email")


class TestPatch:
    """``PATCH /users/{user_id}`` of ``/email``."""

    WHERE = "Change it at /users/me/address-changes/: a mail with a link follows."

    @pytest.mark.parametrize("kind", ["regular", "admin"])
    @pytest.mark.parametrize("signup", ["verified", "approval", "closed"])
    def test_of_oneself_is_refused(
        self, api, shared_app, make_user, email_of, kind, signup
    ):
        user = make_user(kind)
        app = shared_app(signup=signup, captcha="off", captcha_secret="")
        answer = api(user, app=app).patch(
            f"/users/{user.id}", patch(replace("email", NEW))
        )
        assert answer.json == invalid(email=self.WHERE)
        assert email_of(user) != NEW

    def test_that_changes_nothing_is_none(self, api, verified, user):
        same = patch(replace("email", user.email), replace("first_name", "Ada"))
        assert (
            api(user, app=verified).patch(f"/users/{user.id}", same).status_int == 200
        )

    def test_of_oneself_is_told_the_old_address_where_all_may_sign_up(
        self, api, user, email_of, mails, statements
    ):
        old, client = user.email, api(user)
        with statements() as executed:
            change = patch(replace("email", NEW))
            answer = client.patch(f"/users/{user.id}", change)
        assert len(executed) == 15, executed
        assert (answer.status_int, email_of(user)) == (200, NEW)
        assert [mail.recipient for mail in mails()] == [old]
