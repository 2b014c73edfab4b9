"""Accounts and OAuth2 clients, by tasks."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from apiserver.core.engines import make_engines
from apiserver.users.hashing import password_matches
from apiserver.users.models import User
from tests import factories
from tests.client import Client

ON_TESTING = ("--ini", "testing.ini")
ADA = ("app.users.create-user", "--username=Ada", "--email=ada@example.com")


@pytest.fixture
def url(make_database):
    return make_database()


@pytest.fixture
def app(make_app, url):
    return make_app(url)


@pytest.fixture
def db(url):
    """A session of the database that the tasks work on."""
    engine, reading = make_engines(url)
    with Session(engine) as db:
        yield db
    engine.dispose()
    reading.dispose()


class TestCreateUser:
    @pytest.mark.parametrize(
        ("options", "roles"),
        [
            ((), (False, False, True)),
            (("--is-admin",), (True, False, True)),
            (("--is-internal", "--no-is-regular-user"), (False, True, False)),
        ],
    )
    def test_asks_for_the_password(self, process, db, options, roles):
        status, printed, _ = process(*ADA, *options, *ON_TESTING, answer="sesame\n")
        user = db.scalars(select(User)).one()
        assert (status, printed) == (0, f"User Ada has the id {user.id}.\n")
        assert (user.is_admin, user.is_internal, user.is_regular_user) == roles
        assert password_matches(user.password_digest, "sesame")

    def test_refuses_a_taken_name(self, process, db):
        factories.make_user(db, username="ADA")
        db.close()
        status, _, error = process(*ADA, *ON_TESTING, answer="x\n")
        assert status == 1
        assert "A user of this name exists already." in error

    def test_takes_no_password_as_an_option(self, invoke):
        status, _, error = invoke(*ADA, "--password=sesame")
        assert status == 1
        assert error == "No idea what '--password' is!\n"


class TestCreateClient:
    @pytest.fixture
    def create(self, invoke, db):
        """A function that creates a client of Ada's."""
        factories.make_user(db, username="ada")
        db.close()
        task = ("app.users.create-oauth2-client", *ON_TESTING, "--username")
        return lambda *more, owner="Ada": invoke(*task, owner, *more)

    def test_prints_the_secret_which_works(self, create, app):
        grants = ("--grant-type=client_credentials", "--grant-type=refresh_token")
        uris = ("--redirect-uri=https://example.com/", "--first-party")
        status, printed, error = create(*grants, *uris, "--scope", "teams:read")
        assert (status, error) == (0, "")
        form = dict(re.findall(r"(client_\w+): (\S+)", printed))
        form["grant_type"] = "client_credentials"
        response = Client(app).call("POST", "/auth/oauth2/token", form=form)
        assert response.json["scope"] == "teams:read"

    @pytest.mark.parametrize(
        ("option", "sentence"),
        [
            (
                "--client-type=secret",
                "There is no client type secret. Choose one of public, confidential.",
            ),
            (
                "--grant-type=implicit",
                "There is no grant type implicit. Choose one of authorization_code, "
                "refresh_token, client_credentials, password.",
            ),
        ],
    )
    def test_names_the_choices(self, create, option, sentence):
        assert create(option) == (1, "", sentence + "\n")

    def test_says_that_there_is_no_owner(self, create):
        assert create(owner="nobody") == (1, "", "There is no user nobody.\n")
