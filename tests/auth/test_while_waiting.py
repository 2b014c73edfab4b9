"""Rights that end while a request waits for a lock, which another connection holds."""

import re
from functools import partial
from threading import Thread
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from apiserver.auth.models import BrowserSession, OAuth2Client, OAuth2Code, OAuth2Grant
from apiserver.core.db import now
from apiserver.teams.models import Team
from apiserver.users.models import User
from tests import factories
from tests.auth.browser import Browser
from tests.client import Client
from tests.conformance.flow import target
from tests.factories import PASSWORD
from tests.patches import replace
from tests.users.accounts import patch

PATIENCE = 60
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
NEW_PASSWORD = "another umbrella for the tortoise"
SCOPES = ("users:read", "users:write", "teams:read", "teams:write", "auth:write")
REDIRECT_URI = "https://client.example.org/callback"


@pytest.fixture(scope="module")
def own_app(make_pure_app, make_database):
    return make_pure_app(make_database())


@pytest.fixture(scope="module")
def engine(own_app):
    return own_app.registry.engine


@pytest.fixture
def scene(own_app, engine):
    """An administrator who leads a team, his token and its grant, a client of his."""
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db, "admin")
        factories.make_user(db, "admin")
        team = factories.make_team(db, leaders=[user, factories.make_user(db)])
        client = factories.make_client(
            db,
            user,
            default_scopes=SCOPES,
            redirect_uris=[REDIRECT_URI],
            grant_types=("authorization_code",),
        )
        token = factories.make_token(db, user, client=client, scopes=SCOPES)
        grants = select(OAuth2Grant).order_by(OAuth2Grant.id.desc()).limit(1)
        grant = db.scalar(grants)
    return SimpleNamespace(
        user=user, team=team, client=client, token=token, grant=grant
    )


@pytest.fixture
def caller(own_app, scene):
    return Client(own_app, scene.token)


@pytest.fixture
def stored(engine):
    """A function that returns what a statement selects, as others see it."""

    def rows(statement):
        with engine.connect() as connection:
            return connection.execute(statement).all()

    return rows


@pytest.fixture
def while_waiting(engine):
    """A function that sends a request while others hold a lock.

    ``while_waiting(send, lock, change)``: another connection executes ``lock``; the
    request waits; the connection executes the changes, and commits. On SQLite the
    request waits at its beginning, so that it may begin later as well.
    """

    def run(send, lock, *changes):
        answers = []
        thread = Thread(target=lambda: answers.append(send()))
        with engine.connect() as connection, connection.begin():
            connection.execute(lock)
            thread.start()
            if engine.dialect.name == "postgresql":
                wait_for_waiting(engine)
            for change in changes:
                connection.execute(change)
        thread.join(PATIENCE)
        (answer,) = answers
        return answer

    return run


def wait_for_waiting(engine):
    end = monotonic() + PATIENCE
    while not is_waiting(engine):
        assert monotonic() < end, "Nobody waits."
        sleep(0.01)


def is_waiting(engine):
    # In a transaction of its own: within one, PostgreSQL shows the same activity again.
    with engine.connect() as connection:
        return bool(connection.scalar(WAITING))


def loss_of(model, **values):
    """Return a function that makes the statement by which the row is changed."""
    names = {User: "user", OAuth2Grant: "grant", OAuth2Client: "client"}
    return lambda scene: (
        update(model).where(model.id == getattr(scene, names[model]).id).values(values)
    )


# tests/contract/test_decisions.py takes each right from each operation.
LOSSES = {
    "deactivated": loss_of(User, is_active=False, epoch=User.epoch + 1),
    "signed out": loss_of(User, epoch=User.epoch + 1),
    "revoked": loss_of(OAuth2Grant, revoked=now()),
    "disabled": loss_of(OAuth2Client, enabled=False, epoch=OAuth2Client.epoch + 1),
}


def lock(model, key):
    return select(model.id).where(model.id == key).with_for_update()


@pytest.mark.parametrize("loss", LOSSES)
class TestCaller:
    def test_changes_no_password_and_keeps_no_grant(
        self, while_waiting, scene, caller, stored, loss
    ):
        change = patch(replace("password", NEW_PASSWORD))
        digest = select(User.password_digest).where(User.id == scene.user.id)
        before = stored(digest)
        response = while_waiting(
            lambda: caller.patch(f"/users/{scene.user.id}", change),
            lock(User, scene.user.id),
            LOSSES[loss](scene),
        )
        assert response.status_int == 401
        assert stored(digest) == before
        assert caller.get("/users/me").status_int == 401

    @pytest.mark.parametrize("is_new", [True, False])
    def test_writes_no_team(self, while_waiting, scene, caller, stored, loss, is_new):
        """He waits for the team, and holds no lock that his deactivation waits for."""
        path, before = f"/teams/{scene.team.id}", stored(select(Team))
        taking = LOSSES[loss](scene)
        if is_new:
            send, waited = (
                partial(caller.post, "/teams/", {"title": "Designers"}),
                (taking,),
            )
        else:
            send = partial(caller.patch, path, [replace("title", "Designers")])
            waited = (lock(Team, scene.team.id), taking)
        assert while_waiting(send, *waited).status_int == 401
        assert stored(select(Team)) == before


class TestBrowser:
    @pytest.fixture
    def browser(self, own_app, scene):
        browser = Browser(lambda: Client(own_app))
        browser.sign_in(scene.user.username, PASSWORD)
        page = browser.call("GET", target(scene.client))
        assert re.search('value="allow"', page.text)
        return browser

    @pytest.mark.parametrize("loss", ["deactivated", "signed out", "by itself"])
    def test_gives_no_consent(self, while_waiting, scene, browser, stored, loss):
        before = stored(select(OAuth2Code))
        waited = [lock(User, scene.user.id)]
        if loss == "by itself":
            sessions = select(BrowserSession.digest).with_for_update()
            waited = [sessions, delete(BrowserSession)]
        else:
            waited.append(LOSSES[loss](scene))
        allow = partial(browser.submit, "/auth/oauth2/authorize", decision="allow")
        response = while_waiting(allow, *waited)
        assert response.status_int == 400
        assert "You are no longer signed in." in response.text
        assert stored(select(OAuth2Code)) == before
