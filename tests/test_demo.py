"""The demo data of development, and a server that prepares its database itself."""

from unittest.mock import ANY

import pytest
from pyramid.paster import get_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from apiserver import demo
from apiserver.auth.models import OAuth2Client
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.conftest import ROOT

TOKEN = "/auth/oauth2/token"
LOCAL_INI = """
[app:main]
use = config:{root}/development.ini
"""


@pytest.fixture(scope="module")
def app(make_database, make_pure_app):
    """A server that has prepared its database, which no test changes."""
    return make_pure_app(make_database(), prepare_database="true")


@pytest.fixture
def url(make_database):
    return make_database()


@pytest.fixture
def start(make_pure_app, url):
    """A function that starts a server which prepares its database."""
    return lambda **settings: make_pure_app(url, prepare_database="true", **settings)


@pytest.fixture
def db():
    """A function that opens a session on the database of an application."""
    return lambda app: Session(app.registry.engine)


def sign_in(app, username, password):
    form = {
        "grant_type": "password",
        "client_id": demo.CLIENT_ID,
        "username": username,
        "password": password,
    }
    return Client(app).call("POST", TOKEN, form=form)


class TestDemoUsers:
    @pytest.mark.parametrize(
        ("name", "password", "status"),
        [("root", "q", 200), ("user", "w", 403), ("internal", "q", 200)],
    )
    def test_sign_in_with_their_roles(self, app, name, password, status):
        response = sign_in(app, name, password)
        assert response.status_int == 200
        caller = Client(app, response.json["access_token"])
        assert caller.get("/users/me").json["username"] == name
        assert caller.get("/users/").status_int == status

    def test_owner_of_the_client_gets_no_token(self, app):
        response = sign_in(app, "documentation", "w")
        assert response.status_int == 400
        assert response.json == {
            "error": "invalid_grant",
            "error_description": "Invalid credentials given.",
        }


class TestDemoClient:
    @pytest.fixture
    def scopes(self):
        """A function that returns the scopes of a token of the demo client."""

        def call(app):
            return sign_in(app, "root", "q").json["scope"].split()

        return call

    def test_has_all_scopes(self, app, scopes):
        assert scopes(app) == list(app.registry.scopes)

    def test_follows_the_features_at_each_start(self, start, scopes):
        users = ["users:read", "users:write", "auth:read", "auth:write"]
        assert scopes(start(features="users auth")) == users
        every = start()
        assert scopes(every) == list(every.registry.scopes)
        assert {"teams:read", "teams:write"} < {*every.registry.scopes}
        assert scopes(start(features="users auth")) == users

    def test_is_public_and_has_a_secret(self, app):
        form = {
            "grant_type": "client_credentials",
            "client_id": demo.CLIENT_ID,
            "client_secret": demo.CLIENT_SECRET,
            "scope": "teams:read",
        }
        assert Client(app).call("POST", TOKEN, form=form).json == {
            "access_token": ANY,
            "expires_in": 900,
            "token_type": "Bearer",
            "scope": "teams:read",
        }


class TestPrepareDatabase:
    def test_leaves_a_filled_one_as_it_is(self, start, db):
        with db(start()) as session, session.begin():
            root = session.scalars(select(User).where(User.username == "root")).one()
            root.first_name = "Changed"
        with db(start()) as session:
            names = session.scalars(select(User.username).order_by(User.id)).all()
            assert names == ["root", "user", "internal", "documentation"]
            changed = select(User.first_name).where(User.username == "root")
            assert session.scalars(changed).one() == "Changed"

    def test_adds_nothing_to_real_users(self, start, make_pure_app, url, db):
        with db(make_pure_app(url)) as session:
            factories.make_user(session, username="ada")
        with db(start()) as session:
            assert session.scalars(select(User.username)).all() == ["ada"]
            assert session.scalars(select(OAuth2Client)).all() == []

    def test_is_not_done_unless_it_is_asked_for(self, make_pure_app, url, db):
        with db(make_pure_app(url)) as session:
            assert demo.is_empty(session)

    def test_is_done_for_an_ini_file_that_uses_another(self, tmp_path, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/database")
        ini = tmp_path / "local.ini"
        ini.write_text(LOCAL_INI.format(root=ROOT))
        app = get_app(str(ini))
        assert sign_in(app, "root", "q").status_int == 200
        for sessions in (app.registry.write_sessions, app.registry.read_sessions):
            sessions.kw["bind"].dispose()
