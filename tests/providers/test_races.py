"""Many processes come back from a provider at once: one of them has come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from secrets import token_urlsafe

import pytest
from sqlalchemy import delete, func, select

from apiserver.account.models import AccountDeletion
from apiserver.auth.browser import csrf_token
from apiserver.auth.models import BrowserSession
from apiserver.auth.tokens import digest
from apiserver.core.db import Session, make_engines, now
from apiserver.core.jobs import QueuedJob, put, work_off
from apiserver.providers.models import LinkedIdentity, UnlinkedIdentity
from apiserver.users.hashing import NO_PASSWORD
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.cookies import IDENTITY
from tests.providers import conftest
from tests.racers import Call, Racers, statuses

AT_ONCE = 20
ROUNDS = range(10)
PAGE = "/account/providers"
NEW = "/account/new-sign-in"
SCOPES = ("providers:read", "providers:write")
subjects = (f"subject {number}" for number in count(1))


@pytest.fixture(scope="module")
def settings(shared_issuer):
    """The settings of a server that knows the provider."""
    known = conftest.settings_of("acme", shared_issuer.url)
    return {"providers": "acme", "login_attempts_per_address": "100000", **known}


@pytest.fixture(scope="module")
def racers(make_database, settings):
    with Racers(make_database(), **settings) as racers:
        yield racers


@pytest.fixture(scope="module")
def app(racers, settings, make_app):
    """An application in this process, on the database of the racers."""
    return make_app(racers.url, **settings)


@pytest.fixture(scope="module")
def open_session(racers):
    engines = make_engines(racers.url)
    yield lambda: Session(engines[0], expire_on_commit=False)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def provider(shared_issuer):
    """The provider, as whose next user somebody comes who was never there."""
    shared_issuer.reset()
    shared_issuer.claims |= {"sub": next(subjects)}
    return shared_issuer


@pytest.fixture
def rounds(provider):
    """Ten rounds, in each of which the user of the provider is another one."""

    def play():
        for _ in ROUNDS:
            provider.claims["sub"] = next(subjects)
            yield

    return play()


@pytest.fixture
def make_user(open_session):
    """A function that makes an account, with identities of the provider's user."""

    def make(*issuers, subject="", **columns):
        with open_session() as db:
            user = factories.make_user(db, **columns)
            about = {"user_id": user.id, "subject": subject, "name": "ada"}
            db.add_all(LinkedIdentity(issuer=issuer, **about) for issuer in issuers)
            db.commit()
        return user

    return make


@pytest.fixture
def found(open_session, provider):
    """A function that counts rows, by default those of the provider's user."""

    def call(model, *where):
        where = where or (model.subject == provider.claims["sub"],)
        with open_session() as db:
            return db.scalar(select(func.count()).select_from(model).where(*where))

    return call


class Person(conftest.Person):
    """Somebody whose browser tells what it would send."""

    def call_of(self, method, path, **form):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return Call(None, method, path, None, {"Cookie": cookies}, form)

    def back(self):
        """Set out, agree, and return the call that comes back."""
        return self.call_of("GET", self.agree(self.set_out()))

    def back_to_link(self):
        """Set out to link the identity, agree, and return the call that comes back."""
        led = self.press(PAGE, provider="acme").location
        return self.call_of("GET", self.agree(led))

    def has(self, db, provider, subject):
        """Let an identity wait in the browser; return the csrf of the form."""
        value = token_urlsafe(32)
        db.add(
            UnlinkedIdentity(
                digest=digest(value),
                provider="acme",
                issuer=provider.url,
                subject=subject,
                name="ada",
                email=f"{subject.replace(' ', '')}@example.com",
                username="ada",
                target="",
                expires=now() + timedelta(minutes=5),
            )
        )
        db.commit()
        self.cookies[IDENTITY] = value
        return csrf_token(value)


@pytest.fixture
def person(app):
    """A function that gives somebody with a browser, who may have signed in."""

    def make(user=None):
        person = Person(lambda: Client(app))
        if user is not None:
            person.sign_in(user.username, factories.PASSWORD)
            person.call("GET", PAGE)
        return person

    return make


def test_a_known_user_comes_back_once(racers, provider, make_user, person, found):
    user = make_user(provider.url, subject=provider.claims["sub"])
    answers = racers.run(*[person().back()] * AT_ONCE)
    assert statuses(answers) == {303: 1, 400: AT_ONCE - 1}
    assert found(BrowserSession, BrowserSession.user_id == user.id) == 1
    # The others didn't ask the provider.
    assert provider.asked.count("/token") == 1


def test_a_new_user_comes_back_once(racers, provider, person, found):
    answers = racers.run(*[person().back()] * AT_ONCE)
    assert statuses(answers) == {303: 1, 400: AT_ONCE - 1}
    assert found(UnlinkedIdentity) == 1


def test_a_new_user_gets_one_account(racers, provider, person, found, open_session):
    """From as many browsers as there are calls, with a name from each."""
    subject, calls = provider.claims["sub"], []
    for number in range(8):
        someone = person()
        with open_session() as db:
            csrf = someone.has(db, provider, subject)
        username = f"ada{number} of {subject}"
        calls.append(someone.call_of("POST", NEW, csrf=csrf, username=username))
    assert statuses(racers.run(*calls)) == {303: 1, 409: 7}
    assert found(LinkedIdentity) == 1
    assert found(User, User.username.endswith(f" of {subject}")) == 1


def test_two_people_link_one_identity(racers, rounds, make_user, person, found):
    for _ in rounds:
        both = [person(make_user()) for _ in "ab"]
        answers = racers.run(*(each.back_to_link() for each in both))
        assert statuses(answers) == {303: 1, 409: 1}
        assert found(LinkedIdentity) == 1


def test_somebody_links_two_identities_of_a_provider(
    racers, rounds, provider, make_user, person, found, open_session
):
    for _ in rounds:
        user = make_user()
        one, other = (person(user) for _ in "ab")
        csrf = other.page.html.find("input", {"name": "csrf"})["value"]
        with open_session() as db:
            other.has(db, provider, next(subjects))
        waiting = other.call_of("POST", PAGE, csrf=csrf, link="1")
        answers = racers.run(one.back_to_link(), waiting)
        assert statuses(answers) == {303: 1, 409: 1}
        assert found(LinkedIdentity, LinkedIdentity.user_id == user.id) == 1


def test_the_only_way_in_is_kept(racers, rounds, provider, make_user, open_session):
    for _ in rounds:
        issuers, subject = (provider.url, "https://github.com"), provider.claims["sub"]
        user = make_user(*issuers, subject=subject, password_digest=NO_PASSWORD)
        mine = select(LinkedIdentity.id).where(LinkedIdentity.user_id == user.id)
        with open_session() as db:
            token = factories.make_token(db, user, scopes=SCOPES)
            ids = db.scalars(mine).all()
        paths = [f"/users/me/identities/{number}" for number in ids]
        answers = racers.run(*(Call(token, "DELETE", path) for path in paths))
        assert statuses(answers) == {204: 1, 409: 1}


def test_linking_while_the_account_is_deleted(
    racers, app, rounds, make_user, person, found, open_session
):
    """Nothing is left of the link: the identity may get another account."""
    for _ in rounds:
        user = make_user()
        call = person(user).back_to_link()
        with open_session() as db:
            db.execute(delete(QueuedJob))
            db.add(AccountDeletion(user_id=user.id, due=now()))
            put(db, app.registry.jobs["delete_account"], {"user_id": user.id})
            db.commit()
        with ThreadPoolExecutor(1) as threads:
            work = threads.submit(work_off, app.registry)
            [answer] = racers.run(call)
            assert {*work.result()} == {"done"}
        # To the page, or to sign in: nobody has by now.
        assert answer.status in {303, 400}
        assert found(User, User.id == user.id) == 0
        assert found(LinkedIdentity) == 0
