"""The page ``/account/providers``: linking and unlinking."""

import pytest
from sqlalchemy import select, update

from apiserver.providers.models import LinkedIdentity
from apiserver.users.models import User
from tests.auth.browser import said
from tests.factories import PASSWORD
from tests.providers.conftest import refused
from tests.providers.issuer import query_of

PAGE = "/account/providers"
TAKEN = "This identity is linked to an account already."


@pytest.fixture
def signed_in(person, user):
    person.sign_in(user.username, PASSWORD)
    return person


@pytest.fixture
def send(signed_in):
    """A function that sends a form of the page."""

    def call(**form):
        signed_in.call("GET", PAGE)
        return signed_in.press(PAGE, **form)

    return call


@pytest.fixture
def callback(send, person):
    """Where the provider leads back who is about to link an identity."""
    return person.agree(send(provider="acme").headers["Location"])


@pytest.fixture
def linked(db):
    """A function that returns user and subject of each identity."""
    statement = select(LinkedIdentity.user_id, LinkedIdentity.subject)
    return lambda: [tuple(row) for row in db.execute(statement)]


class TestLink:
    def test_leads_to_the_provider_and_back(self, send, person, user, linked, acts):
        url = send(provider="acme").headers["Location"]
        assert query_of(url)["client_id"] == "our-client"
        answer = person.call("GET", person.agree(url))
        assert answer.headers["Location"] == PAGE
        assert linked() == [(user.id, "a1")]
        assert [actor for actor, _ in acts("identity_linked")] == [user.id]
        page = person.call("GET", PAGE).text
        assert "ada@example.com" in page
        assert "Link Acme" not in page
        assert "Link GitHub" in page

    def test_needs_a_recent_sign_in(self, send, signed_in, an_hour_later):
        signed_in.call("GET", PAGE)
        an_hour_later()
        answer = signed_in.press(PAGE, provider="acme")
        assert answer.headers["Location"].startswith("/auth/login?next=")
        page = signed_in.call("GET", PAGE).text
        assert "sign in again" in page
        assert "Link Acme" not in page

    def test_is_for_who_has_set_out(self, callback, person, make_user, linked):
        person.call("GET", f"/auth/login?next={PAGE}")
        form = {"username": make_user().username, "password": PASSWORD}
        assert person.submit("/auth/login", **form).status_int == 303
        assert person.call("GET", callback).status_int == 400
        assert linked() == []

    def test_ends_with_the_session(self, callback, person, linked, db):
        db.execute(update(User).values(epoch=User.epoch + 1))
        answer = person.call("GET", callback)
        assert answer.headers["Location"].startswith("/auth/login")
        assert linked() == []

    def test_takes_no_identity_of_somebody_else(
        self, callback, person, make_user, link, linked
    ):
        other = make_user()
        link(other)
        assert refused(person.call("GET", callback), 409, TAKEN)
        assert linked() == [(other.id, "a1")]

    def test_takes_one_of_each_issuer(self, callback, person, user, link, linked):
        link(user, "b2")
        assert person.call("GET", callback).status_int == 409
        assert linked() == [(user.id, "b2")]

    def test_knows_its_providers(self, send):
        assert [send(provider=n).status_int for n in ("", "nobody")] == [404, 404]


class TestWaiting:
    """An identity that no account has, which the browser has brought."""

    @pytest.fixture
    def waiting(self, person):
        person.come_back(query="?next=/account/sessions")
        return person

    def test_is_linked_after_a_sign_in_to_the_account(self, waiting, user, linked):
        page = waiting.call("GET", "/account/new-sign-in").text
        link = "/auth/login?next=%2Faccount%2Fproviders"
        assert f'href="{link}"' in page
        waiting.call("GET", link)
        form = {"username": user.username, "password": PASSWORD}
        assert waiting.submit("/auth/login", **form).headers["Location"] == PAGE
        assert "Link Acme" in waiting.call("GET", PAGE).text
        assert linked() == []
        answer = waiting.submit(PAGE, waiting="1")
        assert answer.headers["Location"] == "/account/sessions"
        assert linked() == [(user.id, "a1")]
        assert waiting.submit(PAGE, waiting="1").status_int == 400

    def test_is_not_linked_to_two_accounts(self, waiting, user, make_user, link):
        link(make_user())
        waiting.sign_in(user.username, PASSWORD)
        waiting.call("GET", PAGE)
        assert refused(waiting.submit(PAGE, waiting="1"), 409, TAKEN)

    def test_is_linked_by_no_sign_in_of_before(self, signed_in, linked, an_hour_later):
        signed_in.come_back()
        an_hour_later()
        assert 'name="waiting"' not in signed_in.call("GET", PAGE).text
        answer = signed_in.submit(PAGE, waiting="1")
        assert answer.headers["Location"].startswith("/auth/login")
        assert linked() == []


class TestUnlink:
    def test_ends_it(self, send, user, make_user, link, linked, acts):
        own, other = link(user), link(make_user(), "b2")
        for number in ("x", str(other.id), str(2**70)):
            assert send(unlink=number).status_int == 404
        assert send(unlink=str(own.id)).headers["Location"] == PAGE
        assert linked() == [(other.user_id, "b2")]
        target = f"identity:{own.id} of:{user.id}"
        assert acts("identity_unlinked") == [(user.id, target)]

    def test_leaves_a_way_to_sign_in(self, send, user, link, linked, db):
        own = link(user)
        db.execute(update(User).values(password_digest=""))
        answer = send(unlink=str(own.id))
        assert answer.status_int == 409
        assert "so this is the only way to sign in" in said(answer)
        assert linked() == [(user.id, "a1")]
        link(user, "583231", issuer="https://github.com")
        assert send(unlink=str(own.id)).status_int == 303


def test_shows_an_issuer_that_is_no_provider_any_more(signed_in, user, link):
    link(user, issuer="https://gone.example.com")
    page = signed_in.call("GET", PAGE).text
    assert "https://gone.example.com" in page
    assert "Link Acme" in page
