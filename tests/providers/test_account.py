"""The page ``/account/providers``: linking and unlinking."""

import pytest
from sqlalchemy import select, update

from apiserver.providers.models import LinkedIdentity
from apiserver.users.models import User
from tests.auth.browser import said
from tests.factories import PASSWORD
from tests.providers.issuer import query_of

PAGE = "/account/providers"


@pytest.fixture
def signed_in(person, user):
    person.sign_in(user.username, PASSWORD)
    person.call("GET", PAGE)
    return person


@pytest.fixture
def send(signed_in):
    """A function that sends a form of the page."""
    return lambda **form: signed_in.press(PAGE, **form)


@pytest.fixture
def linked(db):
    """A function that returns user and subject of each identity."""
    statement = select(LinkedIdentity.user_id, LinkedIdentity.subject)
    return lambda: [tuple(row) for row in db.execute(statement)]


class TestLink:
    def test_leads_to_the_provider_and_back(self, send, person, user, linked, events):
        url = send(provider="acme").headers["Location"]
        assert query_of(url)["client_id"] == "our-client"
        answer = person.call("GET", person.agree(url))
        assert answer.headers["Location"] == PAGE
        assert linked() == [(user.id, "a1")]
        event = events()[-1]
        assert (event["action"], event["actor_id"]) == ("identity_linked", user.id)
        page = person.call("GET", PAGE).text
        assert "ada@example.com" in page
        assert "Link Acme" not in page
        assert "Link GitHub" in page

    def test_needs_a_recent_sign_in(self, send, signed_in, an_hour_later):
        an_hour_later()
        answer = send(provider="acme")
        assert answer.headers["Location"].startswith("/auth/login?next=")
        page = signed_in.call("GET", PAGE).text
        assert "sign in again" in page
        assert "Link Acme" not in page

    def test_is_for_who_has_set_out(self, send, person, make_user, linked):
        url = send(provider="acme").headers["Location"]
        callback = person.agree(url)
        person.call("GET", f"/auth/login?next={PAGE}")
        form = {"username": make_user().username, "password": PASSWORD}
        assert person.submit("/auth/login", **form).status_int == 303
        assert person.call("GET", callback).status_int == 400
        assert linked() == []

    def test_ends_with_the_session(self, send, person, linked, db):
        url = send(provider="acme").headers["Location"]
        callback = person.agree(url)
        db.execute(update(User).values(epoch=User.epoch + 1))
        answer = person.call("GET", callback)
        assert answer.headers["Location"].startswith("/auth/login")
        assert linked() == []

    def test_takes_no_identity_of_somebody_else(
        self, send, person, make_user, link, linked
    ):
        other = make_user()
        link(other)
        answer = person.call(
            "GET", person.agree(send(provider="acme").headers["Location"])
        )
        assert (answer.status_int, said(answer)) == (
            409,
            "This identity is linked to an account already.",
        )
        assert linked() == [(other.id, "a1")]

    def test_takes_one_of_each_issuer(self, send, person, user, link, linked):
        link(user, "b2")
        answer = person.call(
            "GET", person.agree(send(provider="acme").headers["Location"])
        )
        assert answer.status_int == 409
        assert linked() == [(user.id, "b2")]

    @pytest.mark.parametrize("name", ["", "nobody"])
    def test_knows_its_providers(self, send, name):
        assert send(provider=name).status_int == 404


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
        page = waiting.call("GET", PAGE).text
        assert "Link Acme" in page
        assert linked() == []
        answer = waiting.submit(PAGE, waiting="1")
        assert answer.headers["Location"] == "/account/sessions"
        assert linked() == [(user.id, "a1")]
        assert waiting.submit(PAGE, waiting="1").status_int == 400

    def test_is_not_linked_to_two_accounts(self, waiting, user, make_user, link):
        link(make_user())
        waiting.sign_in(user.username, PASSWORD)
        waiting.call("GET", PAGE)
        answer = waiting.submit(PAGE, waiting="1")
        assert answer.status_int == 409
        assert said(answer) == "This identity is linked to an account already."

    def test_is_linked_by_no_sign_in_of_before(
        self, person, user, linked, an_hour_later
    ):
        person.sign_in(user.username, PASSWORD)
        person.come_back()
        an_hour_later()
        assert 'name="waiting"' not in person.call("GET", PAGE).text
        answer = person.submit(PAGE, waiting="1")
        assert answer.headers["Location"].startswith("/auth/login")
        assert linked() == []


class TestUnlink:
    def test_ends_it(self, send, signed_in, user, make_user, link, linked, events):
        own, other = link(user), link(make_user(), "b2")
        for number in ("x", str(other.id), str(2**70)):
            assert send(unlink=number).status_int == 404
            signed_in.call("GET", PAGE)
        assert send(unlink=str(own.id)).headers["Location"] == PAGE
        assert linked() == [(other.user_id, "b2")]
        event = events()[-1]
        assert (event["action"], event["target"]) == (
            "identity_unlinked",
            f"identity:{own.id} of:{user.id}",
        )

    def test_leaves_a_way_to_sign_in(self, send, signed_in, user, link, linked, db):
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
