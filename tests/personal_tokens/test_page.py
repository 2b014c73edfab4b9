"""The page ``/account/tokens``."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from apiserver.personal_tokens.models import PersonalToken

PAGE = "/account/tokens"
FORM = {"name": "backup script", "days": "30", "scope.users:read": "1"}


@pytest.fixture
def signed_in(signed_in):
    signed_in.call("GET", PAGE)
    return signed_in


@pytest.fixture
def send(signed_in):
    """A function that sends a form of the page."""
    return lambda **form: signed_in.press(PAGE, **form)


class TestCreate:
    def test_shows_the_token_once(self, send, signed_in, calling, user, acts):
        page = send(**FORM)
        [token] = re.findall(r'<p class="secret">(app_[\w-]+)</p>', page.text)
        assert calling(token).get("/users/me").json["id"] == user.id
        assert [who for who, _ in acts("personal_token_created")] == [user.id]
        page = signed_in.call("GET", PAGE)
        assert "backup script" in page.text
        assert token not in page.text

    def test_needs_a_recent_sign_in(self, refused_later):
        shown = refused_later(PAGE, **FORM)
        assert "sign in again" in shown
        assert 'name="days"' not in shown

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"name": ""}, "Name: "),
            ({"days": "forever"}, "Days: Must be at most 366."),
            ({"days": "x"}, "Days: "),
        ],
    )
    def test_says_what_is_wrong(self, send, db, wrong, said):
        page = send(**{**FORM, **wrong})
        assert page.status_int == 422
        assert said in unescape(page.text)
        assert db.scalars(select(PersonalToken)).all() == []


class TestRevoke:
    def test_ends_it(self, send, signed_in, user, make_user, make_personal_token, db):
        own, _ = make_personal_token(user)
        other, _ = make_personal_token(make_user())
        signed_in.call("GET", PAGE)
        for number in (own.id, other.id, "x", 2**70):
            assert send(revoke=str(number)).headers["Location"] == PAGE
            signed_in.call("GET", PAGE)
        assert db.scalars(select(PersonalToken.id)).all() == [other.id]
