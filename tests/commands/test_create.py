"""Accounts and OAuth2 clients, created by the operator."""

import re

import pytest
from sqlalchemy import select

from apiserver.users.hashing import password_matches
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.events import event, stored_events

INI = "testing.ini"


class TestCreateUser:
    ADA = ("create-user", INI, "--username", "Ada", "--email", "ada@example.com")

    def test_makes_an_account_with_the_password_that_is_asked_for(self, process, db):
        status, printed, _ = process(*self.ADA, "--admin", answer="sesame\n")
        user = db.scalars(select(User)).one()
        assert (status, printed) == (0, f"User Ada has the id {user.id}.\n")
        assert password_matches(user.password_digest, "sesame")
        target = f"user:{user.id}"
        assert stored_events(db) == [event("user_created", target=target)]
        roles = (user.is_active, user.is_admin, user.is_internal, user.is_regular_user)
        assert roles == (True, True, False, True)

    def test_makes_the_kinds_that_sign_up_does_not(self, process, db):
        assert process(*self.ADA, "--internal", "--read-only", answer="x\n")[0] == 0
        user = db.scalars(select(User)).one()
        assert (user.is_admin, user.is_internal, user.is_regular_user) == (
            False,
            True,
            False,
        )

    def test_refuses_a_taken_name(self, process, db):
        factories.make_user(db, username="ADA")
        db.close()
        status, _, error = process(*self.ADA, answer="x\n")
        assert status == 1
        assert "A user of this name exists already." in error

    def test_refuses_an_empty_password(self, process, db):
        status, _, error = process(*self.ADA, answer="\n")
        assert status == 1
        assert error.endswith("The password is empty.\n")
        assert db.scalars(select(User)).all() == []


class TestCreateClient:
    @pytest.fixture
    def create(self, command, db):
        """A function that creates a client of Ada's."""
        factories.make_user(db, username="ada")
        db.close()
        return lambda *more, owner="Ada": command(
            "create-client", INI, "--owner", owner, *more
        )

    def test_prints_the_secret_which_works(self, create, app, db):
        grant = ("--grant-type", "client_credentials")
        status, printed, error = create(*grant, "--scope", "teams:read")
        assert (status, error) == (0, "")
        form = dict(re.findall(r"(\w+): (\S+)", printed))
        assert list(form) == ["client_id", "client_secret"]
        form["grant_type"] = "client_credentials"
        response = Client(app).call("POST", "/auth/oauth2/token", form=form)
        assert response.json["scope"] == "teams:read"
        target = f"client:{form['client_id']}"
        assert stored_events(db)[0] == event("client_created", target=target)

    def test_of_a_public_client_there_is_none(self, create):
        status, printed, _ = create("--client-type", "public")
        assert status == 0
        assert printed.endswith("client_secret: none, it is public\n")

    @pytest.mark.parametrize(
        ("arguments", "owner", "sentence"),
        [
            ((), "nobody", "There is no user nobody."),
            (("--scope", "root"), "ada", "You can't give this scope."),
            (
                ("--client-type", "public", "--grant-type", "client_credentials"),
                "ada",
                "Public clients have no client credentials.",
            ),
        ],
    )
    def test_says_why_not(self, create, arguments, owner, sentence):
        status, printed, error = create(*arguments, owner=owner)
        assert (status, printed) == (1, "")
        assert sentence in error
