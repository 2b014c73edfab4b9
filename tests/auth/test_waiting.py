"""What nobody waits for while a password is hashed: that takes long."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from apiserver.users import passwords
from apiserver.users.models import Throttle
from tests import factories
from tests.auth.conftest import basic
from tests.client import Client
from tests.factories import CLIENT_SECRET, PASSWORD

TRIES = select(Throttle.tries).order_by(Throttle.key).with_for_update()


@pytest.fixture
def own_app(make_app, make_database):
    return make_app(make_database())


@pytest.fixture
def engine(own_app):
    return own_app.registry.write_sessions.kw["bind"]


@pytest.fixture
def seen(monkeypatch, engine):
    """What another request that locks the counters sees while a password is hashed."""
    seen = []

    def look(*args):
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 5000"))
            seen.append(connection.scalars(TRIES).all())
        seen.append(engine.pool.checkedout())
        return hashed(*args)

    hashed = passwords.password_matches
    monkeypatch.setattr(passwords, "password_matches", look)
    return seen


@pytest.fixture
def sign_in(own_app, engine):
    """A function that signs in by the password grant, and returns the status."""
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db)
        client = factories.make_client(db, first_party=True)
    headers = basic(client.client_id, CLIENT_SECRET)

    def call(password):
        form = {"grant_type": "password", "username": user.username}
        form["password"] = password
        path = "/auth/oauth2/token"
        response = Client(own_app).call("POST", path, form=form, headers=headers)
        return response.status_int

    return call


class TestSignIn:
    @pytest.mark.parametrize(("password", "status"), [(PASSWORD, 200), ("guess", 400)])
    def test_holds_neither_the_counters_nor_a_connection(
        self, sign_in, seen, password, status
    ):
        assert sign_in(password) == status
        assert seen == [[1, 1], 0]

    def test_counts_though_the_server_fails_afterwards(
        self, sign_in, engine, monkeypatch
    ):
        def fail(*args):
            raise MemoryError

        monkeypatch.setattr(passwords, "password_matches", fail)
        assert sign_in(PASSWORD) == 500
        with Session(engine) as db:
            assert db.scalars(TRIES).all() == [1, 1]
