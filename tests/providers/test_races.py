"""Many processes come back from a provider at once: one of them has come."""

import re
from collections import Counter
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
from tests.providers.conftest import Person
from tests.providers.issuer import CLIENT_ID, CLIENT_SECRET
from tests.racers import Call, Racers

AT_ONCE = 20
ROUNDS = 10
PAGE = "/account/providers"
NEW = "/account/new-sign-in"
SCOPES = ("providers:read", "providers:write")
subjects = (f"subject {number}" for number in count(1))


@pytest.fixture(scope="module")
def provided(shared_issuer):
    """The settings of a server that knows the provider."""
    return {
        "providers": "acme",
        "provider_acme_issuer": shared_issuer.url,
        "provider_acme_client_id": CLIENT_ID,
        "provider_acme_client_secret": CLIENT_SECRET,
        "login_attempts_per_address": "100000",
    }


@pytest.fixture(scope="module")
def racers(make_database, provided):
    with Racers(make_database(), **provided) as racers:
        yield racers


@pytest.fixture(scope="module")
def app(racers, provided, make_app):
    """An application in this process, on the database of the racers."""
    return make_app(racers.url, **provided)


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
def make_user(open_session):
    def make(**columns):
        with open_session() as db:
            return factories.make_user(db, **columns)

    return make


@pytest.fixture
def link(open_session, provider):
    """A function that links identities to a user; it returns their ids."""

    def call(user, *issuers):
        with open_session() as db:
            rows = [
                LinkedIdentity(
                    user_id=user.id,
                    issuer=issuer,
                    subject=provider.claims["sub"],
                    name="ada",
                )
                for issuer in issuers or [provider.url]
            ]
            db.add_all(rows)
            db.commit()
            return [row.id for row in rows]

    return call


@pytest.fixture
def found(open_session, provider):
    """A function that counts rows, by default those of the provider's user."""

    def call(model, *where):
        where = where or (model.subject == provider.claims["sub"],)
        with open_session() as db:
            return db.scalar(select(func.count()).select_from(model).where(*where))

    return call


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


def sent(person, method, path, **form):
    """Return the call that the person's browser would make."""
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    return Call(None, method, path, None, {"Cookie": cookies}, form)


def back(person):
    """Set out, agree, and return the call that comes back."""
    return sent(person, "GET", person.agree(person.set_out()))


def back_to_link(person):
    """Set out to link the identity, agree, and return the call that comes back."""
    return sent(person, "GET", person.agree(form_of(person, provider="acme")))


def form_of(person, **form):
    """Send a form of the page of providers; return where it leads."""
    return person.call("POST", PAGE, {"csrf": csrf_in(person), **form}).location


def csrf_in(person):
    return re.search(r'name="csrf" value="(\w+)"', person.page.text)[1]


def waiting(person, db, provider, subject):
    """Let an identity wait in the browser for an account."""
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
    person.cookies[IDENTITY] = value
    return csrf_token(value)


def test_a_known_user_comes_back_once(racers, provider, make_user, link, person, found):
    user = make_user()
    link(user)
    answers = racers.run(*[back(person())] * AT_ONCE)
    assert Counter(each.status for each in answers) == {303: 1, 400: AT_ONCE - 1}
    assert found(BrowserSession, BrowserSession.user_id == user.id) == 1
    # The others didn't ask the provider.
    assert provider.asked.count("/token") == 1


def test_a_new_user_comes_back_once(racers, provider, person, found):
    answers = racers.run(*[back(person())] * AT_ONCE)
    assert Counter(each.status for each in answers) == {303: 1, 400: AT_ONCE - 1}
    assert found(UnlinkedIdentity) == 1


def test_a_new_user_gets_one_account(racers, provider, person, found, open_session):
    """From as many browsers as there are calls, with a name from each."""
    subject, calls = provider.claims["sub"], []
    for number in range(8):
        someone = person()
        with open_session() as db:
            csrf = waiting(someone, db, provider, subject)
        username = f"ada{number} of {subject}"
        calls.append(sent(someone, "POST", NEW, csrf=csrf, username=username))
    answers = racers.run(*calls)
    assert Counter(each.status for each in answers) == {303: 1, 409: 7}
    assert found(LinkedIdentity) == 1
    assert found(User, User.username.endswith(f" of {subject}")) == 1


def test_two_people_link_one_identity(racers, provider, make_user, person, found):
    for _ in range(ROUNDS):
        provider.claims["sub"] = next(subjects)
        both = [person(make_user()) for _ in "ab"]
        answers = racers.run(*map(back_to_link, both))
        assert sorted(each.status for each in answers) == [303, 409]
        assert found(LinkedIdentity) == 1


def test_somebody_links_two_identities_of_a_provider(
    racers, provider, make_user, person, found, open_session
):
    for _ in range(ROUNDS):
        provider.claims["sub"] = next(subjects)
        user = make_user()
        one, other = (person(user) for _ in "ab")
        with open_session() as db:
            waiting(other, db, provider, next(subjects))
        answers = racers.run(
            back_to_link(one),
            sent(other, "POST", PAGE, csrf=csrf_in(other), link="1"),
        )
        assert sorted(each.status for each in answers) == [303, 409]
        assert found(LinkedIdentity, LinkedIdentity.user_id == user.id) == 1


def test_the_only_way_in_is_kept(racers, provider, make_user, link, open_session):
    for _ in range(ROUNDS):
        provider.claims["sub"] = next(subjects)
        user = make_user(password_digest=NO_PASSWORD)
        ids = link(user, provider.url, "https://github.com")
        with open_session() as db:
            token = factories.make_token(db, user, scopes=SCOPES)
        answers = racers.run(
            *[Call(token, "DELETE", f"/users/me/identities/{id_}") for id_ in ids]
        )
        assert sorted(each.status for each in answers) == [204, 409]


def test_linking_while_the_account_is_deleted(
    racers, app, provider, make_user, person, found, open_session
):
    """Nothing is left of the link: the identity may get another account."""
    for _ in range(ROUNDS):
        provider.claims["sub"] = next(subjects)
        user = make_user()
        call = back_to_link(person(user))
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
