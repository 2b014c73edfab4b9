"""What nobody waits for while a password is hashed: that takes long."""

import io
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from apiserver.auth.actions import rotate_secret
from apiserver.auth.models import OAuth2Client
from apiserver.commands.access import set_password
from apiserver.commands.create import add_user
from apiserver.core.db import Base
from apiserver.users import hashing
from apiserver.users.hashing import HASHING
from apiserver.users.models import Throttle, User
from tests import factories
from tests.auth.browser import Browser
from tests.client import Client
from tests.conformance.server import basic
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.patches import op, replace
from tests.users.accounts import newcomer

NEW = "another battery of words"
ONLY_NAME = replace("first_name", "Ada")


class Hasher(PasswordHasher):
    """Hashes as cheaply as the factories do, after it has called ``look``."""

    def __init__(self, look):
        super().__init__(1, 8, 1)
        self.look = look

    def hash(self, *args, **kw):
        self.look()
        return super().hash(*args, **kw)

    def verify(self, *args):
        self.look()
        return super().verify(*args)


@pytest.fixture(scope="module")
def module_app(make_pure_app, make_database):
    return make_pure_app(make_database(), pool_size="12")


@pytest.fixture
def own_app(module_app):
    """An application on a database of its own, which is emptied after the test."""
    yield module_app
    with module_app.registry.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def held(own_app):
    """A function that returns how many connections requests hold at the moment."""
    registry = own_app.registry
    sessions = (registry.write_sessions, registry.read_sessions)
    pools = [factory.kw["bind"].pool for factory in sessions]
    return lambda: sum(pool.checkedout() for pool in pools)


@pytest.fixture
def open_db(own_app):
    engine = own_app.registry.engine
    return lambda: Session(engine, expire_on_commit=False)


@pytest.fixture
def tries(open_db):
    """A function that returns what is counted, as other requests see it."""

    def call():
        with open_db() as db:
            return db.scalars(select(Throttle.tries).order_by(Throttle.key)).all()

    return call


@pytest.fixture
def seen(monkeypatch, held):
    """What is held each time that something is hashed."""
    seen = []
    monkeypatch.setattr(hashing, "HASHER", Hasher(lambda: seen.append(held())))
    return seen


@pytest.fixture
def user(open_db):
    with open_db() as db:
        return factories.make_user(db, password_digest=factories.PASSWORD_DIGEST)


class Doors:
    """The ways to what is hashed; each takes a password and returns a status."""

    def __init__(self, app, db, user):
        self.app, self.user = app, user
        self.client_id = factories.make_client(db, first_party=True).client_id
        admin = factories.make_user(db, "admin")
        scopes = app.registry.scopes
        self.callers = [
            Client(app, factories.make_token(db, someone, scopes=scopes))
            for someone in (user, admin)
        ]

    def page(self, password):
        browser = Browser(lambda: Client(self.app))
        return browser.sign_in(self.user.username, password).status_int

    def grant(self, password):
        form = {"grant_type": "password", "username": self.user.username}
        form["password"] = password
        headers = basic(self.client_id, CLIENT_SECRET)
        client = Client(self.app)
        path = "/auth/oauth2/token"
        return client.call("POST", path, form=form, headers=headers).status_int

    def change(self, password, operation=ONLY_NAME, by=0, **headers):
        test = op("test", "/current_password", value=password)
        path, patch = f"/users/{self.user.id}", [test, operation]
        return self.callers[by].patch(path, patch, headers=headers).status_int

    def version(self, password):
        etag = self.callers[0].get(f"/users/{self.user.id}").headers["ETag"]
        return self.change(password, **{"If-Match": etag})

    def password(self, password):
        return self.change(password, replace("password", NEW))

    def role(self, password):
        return self.change(password, replace("is_regular_user", False), by=1)

    def sign_up(self, password):
        return Client(self.app).post("/users/", newcomer(password=NEW)).status_int

    def account(self, password):
        return self.callers[1].post("/users/", newcomer(password=NEW)).status_int


@pytest.fixture
def doors(own_app, open_db, user):
    with open_db() as db:
        return Doors(own_app, db, user)


RIGHT = {"page": 303, "grant": 200, "change": 200, "version": 200, "role": 200}
WRONG = {"page": 403, "grant": 400, "change": 403, "version": 403, "role": 403}
MAKING = {"sign_up": 201, "account": 201, "password": 200}
at_the_doors = pytest.mark.parametrize("door", ["page", "grant"])
at_each = pytest.mark.parametrize("door", RIGHT)


class TestHashing:
    @at_each
    def test_holds_nothing_while_it_compares(self, doors, seen, door):
        assert getattr(doors, door)("guess") == WRONG[door]
        assert getattr(doors, door)(PASSWORD) == RIGHT[door]
        assert seen == [0, 0]

    @pytest.mark.parametrize("door", MAKING)
    def test_holds_nothing_while_it_hashes(self, doors, seen, door):
        assert getattr(doors, door)(PASSWORD) == MAKING[door]
        assert seen == ([0, 0] if door == "password" else [0])

    @pytest.mark.parametrize("door", ["page", "grant", "change"])
    def test_holds_nothing_while_it_hashes_anew(self, doors, seen, open_db, user, door):
        old = PasswordHasher(2, 16, 1).hash(PASSWORD)
        with open_db() as db, db.begin():
            db.merge(user).password_digest = old
        assert getattr(doors, door)(PASSWORD) == RIGHT[door]
        assert seen == [0, 0]
        with open_db() as db:
            assert db.get(User, user.id).password_digest != old

    def test_holds_nothing_in_commands(self, own_app, seen, user, monkeypatch):
        registry = own_app.registry
        roles = dict.fromkeys(("is_admin", "is_internal", "read_only"), False)
        new = {"username": "new", "email": "new@example.com", **roles}
        known = {"username": user.username}
        for run, values in ((add_user, new), (set_password, known)):
            monkeypatch.setattr(sys, "stdin", io.StringIO(f"{NEW}\n"))
            run(registry, **values)
        assert seen == [0, 0]


class TestTry:
    @at_each
    def test_is_counted_before_it_is_looked_at(self, doors, tries, monkeypatch, door):
        counted = []
        hasher = Hasher(lambda: counted.append(sum(tries())))
        monkeypatch.setattr(hashing, "HASHER", hasher)
        assert getattr(doors, door)(PASSWORD) == RIGHT[door]
        assert counted == [2 if door in {"page", "grant"} else 1]
        assert sum(tries()) == 0

    @at_the_doors
    def test_is_counted_though_the_server_fails(self, doors, tries, monkeypatch, door):
        def fail():
            raise MemoryError

        monkeypatch.setattr(hashing, "HASHER", Hasher(fail))
        assert getattr(doors, door)(PASSWORD) == 500
        assert tries() == [1, 1]

    @pytest.mark.parametrize("door", [*RIGHT, *MAKING])
    def test_is_taken_back_where_the_gate_is_closed(self, doors, tries, door):
        before = HASHING.width, HASHING.queue
        HASHING.change(1, queue=0)
        try:
            with HASHING():
                statuses = [getattr(doors, door)(PASSWORD) for _ in range(12)]
        finally:
            HASHING.change(*before)
        assert statuses == [503] * 12
        assert sum(tries()) == 0


class TestMeanwhile:
    """What is decided before a hash is decided again after it."""

    @pytest.fixture
    def meanwhile(self, monkeypatch, open_db, user):
        """A function that lets something happen to rows while a password is hashed."""

        def call(act, model=User, **columns):
            def look():
                with open_db() as db, db.begin():
                    act(db.scalars(select(model).filter_by(**columns)).one())

            monkeypatch.setattr(hashing, "HASHER", Hasher(look))

        return call

    @at_each
    def test_new_password_makes_the_old_one_wrong(self, doors, meanwhile, user, door):
        caller = doors.callers[1 if door == "role" else 0]
        caller_id = caller.get("/users/me").json["id"]
        digest = factories.HASHER.hash(NEW)
        meanwhile(lambda account: account.set_password(digest), id=caller_id)
        assert getattr(doors, door)(PASSWORD) in {WRONG[door], 401, 412}

    @at_the_doors
    def test_new_hash_of_the_same_lets_it_in(self, doors, meanwhile, user, door):
        """As of another sign-in, which has stored it by today's parameters."""
        digest = factories.HASHER.hash(PASSWORD)
        meanwhile(
            lambda account: setattr(account, "password_digest", digest), id=user.id
        )
        assert getattr(doors, door)(PASSWORD) == RIGHT[door]

    @at_the_doors
    def test_deactivated_user_is_not_signed_in(self, doors, meanwhile, user, door):
        def deactivate(account):
            account.is_active = False

        meanwhile(deactivate, id=user.id)
        assert getattr(doors, door)(PASSWORD) == WRONG[door]

    @pytest.mark.parametrize(
        "act",
        [
            OAuth2Client.disable,
            OAuth2Client.end_grants,
            partial(rotate_secret, overlap=timedelta(0)),
        ],
    )
    def test_client_that_is_none_any_more_gets_no_token(self, doors, meanwhile, act):
        meanwhile(act, OAuth2Client, client_id=doors.client_id)
        assert doors.grant(PASSWORD) == 401


class TestManyAtOnce:
    def test_leave_connections_and_locks_to_others(
        self, own_app, doors, held, tries, open_db, user, monkeypatch
    ):
        """A hundred changes of one account, with and without If-Match, all hashing."""
        monkeypatch.setattr(hashing, "PATIENCE", 60)
        release, deadlocks = threading.Event(), []
        monkeypatch.setattr(hashing, "HASHER", Hasher(lambda: release.wait(60)))
        engine = own_app.registry.engine
        note = deadlocks.append
        event.listen(engine, "handle_error", note)
        ways = [doors.change, doors.version] * 50
        with ThreadPoolExecutor(100) as threads:
            called = [threads.submit(way, PASSWORD) for way in ways]
            while HASHING.waiting < 98 and not any(call.done() for call in called):
                time.sleep(0.01)
            assert held() == 0
            assert Client(own_app).call("GET", "/healthz").status_int == 200
            assert doors.callers[0].get("/users/me").status_int == 200
            assert tries() == [2]
            with open_db() as db, db.begin():
                locked = select(User).with_for_update(nowait=True)
                assert user.id in [account.id for account in db.scalars(locked)]
            release.set()
        statuses = Counter(call.result() for call in called)
        assert statuses[200] >= 50
        assert set(statuses) <= {200, 412}
        event.remove(engine, "handle_error", note)
        assert deadlocks == []
        assert tries() == [0]
