"""Signing in with GitHub."""

import pytest
from sqlalchemy import select

from apiserver.providers.declared import Provider
from apiserver.providers.github import GitHubClient
from apiserver.providers.models import LinkedIdentity, UnlinkedIdentity
from tests.auth.browser import said
from tests.providers.issuer import query_of
from tests.providers.test_sign_in import NEW
from tests.users.provider import says

EMAILS = "/api/v3/user/emails"


def address_of(email, *, primary=True, verified=True):
    """Return an address as GitHub shows it."""
    return {"email": email, "primary": primary, "verified": verified}


@pytest.fixture
def come_back(person):
    return lambda: person.come_back("github")


@pytest.fixture
def address(db):
    """A function that returns the address of who has come back."""
    return lambda: db.scalars(select(UnlinkedIdentity.email)).one()


def test_asks_for_addresses_alone(person, provider):
    url = person.set_out("github")
    assert "/login/oauth/authorize?" in url
    query = query_of(url)
    assert query["scope"] == "user:email"
    assert query["code_challenge_method"] == "S256"
    assert provider.asked == []


def test_signs_a_newcomer_up(come_back, person, db, provider):
    assert come_back().headers["Location"] == NEW
    page = person.call("GET", NEW).text
    assert 'value="octocat"' in page
    assert "GitHub says that you are <strong>octocat</strong>" in page
    person.submit(NEW, username="octocat")
    identity = db.scalars(select(LinkedIdentity)).one()
    assert (identity.subject, identity.name) == ("583231", "octocat")
    # The number is the identity, whatever the account is called.
    provider.github["login"] = "renamed"
    assert come_back().headers["Location"] == "/account/"


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([address_of("a@example.com")], True),
        ([address_of("a@example.com", verified=False)], False),
        ([address_of("a@example.com", primary=False)], False),
        ([address_of(7)], False),
        ([None, 7, {}], False),
        ({}, False),
    ],
)
def test_takes_the_verified_primary_address(
    come_back, address, provider, emails, email
):
    provider.emails = emails
    come_back()
    assert address() == ("a@example.com" if email else None)


@pytest.mark.parametrize("status", [403, 404])
def test_does_without_addresses_that_are_not_shown(
    come_back, address, provider, status
):
    provider.answers[EMAILS] = says(b"{}", status=status)
    come_back()
    assert address() is None


@pytest.mark.parametrize("answer", [says(b"<html>"), says(b"[]", status=500)])
@pytest.mark.parametrize("path", [EMAILS, "/api/v3/user", "/login/oauth/access_token"])
def test_signs_nobody_in_while_it_is_down(come_back, provider, path, answer):
    provider.answers[path] = answer
    page = come_back()
    assert page.status_int == 503
    assert said(page).startswith("GitHub is not responding right now.")


@pytest.mark.parametrize("user", [{}, {"id": "7"}, {"id": True}, {"id": None}])
def test_needs_a_number(come_back, provider, user):
    provider.github = user
    assert come_back().status_int == 403


def test_refuses_a_code_of_somebody_else(person, provider):
    callback = person.agree(person.set_out("github"))
    provider.codes.clear()
    assert person.call("GET", callback).status_int == 403


def test_knows_where_the_api_of_the_public_one_is():
    about = Provider("github", "github", "GitHub", "https://github.com", "i", "s")
    endpoints = GitHubClient(about).endpoints()
    assert endpoints["api"] == "https://api.github.com"
