"""An administrator gives an account another address: the old one is notified."""

import pytest
from sqlalchemy import func, select

from apiserver.addresses.models import AddressChange, AddressTakeBack
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob
from apiserver.users.events import AccountDeleting
from tests.addresses.factories import make_change, make_take_back
from tests.mail.features import LINK_OVER
from tests.patches import replace
from tests.users import accounts
from tests.users.accounts import EMAIL_TAKEN

NEW = "new@example.com"


@pytest.fixture
def change(api, make_user):
    """A function by which an administrator patches an address."""
    client = api(make_user("admin"))
    return lambda user, email: accounts.change(client, user, replace("email", email))


@pytest.fixture
def links(db):
    """A function that returns how many links there are of each kind."""
    counts = [
        select(func.count()).select_from(model)
        for model in (AddressChange, AddressTakeBack)
    ]
    return lambda: [db.scalar(each) for each in counts]


@pytest.fixture
def recipients(notified):
    return lambda: sorted(recipient for recipient, _ in notified())


def test_is_told_of_each_change(change, user, mails):
    """Though a second one follows before a mail has gone out; not where to."""
    old = user.email
    for email in (NEW, "newer@example.com"):
        assert change(user, email).status_int == 200
    first, second = mails()
    assert {first.recipient, second.recipient} == {old, NEW}
    assert "newer@" not in first.html + first.text + second.html + second.text


@pytest.mark.parametrize("spell", [str, str.upper])
def test_is_told_nothing_of_the_same_address(change, user, mails, db, links, spell):
    """No link ends, either."""
    make_change(db, user)
    make_take_back(db, user)
    assert change(user, spell(user.email)).status_int == 200
    assert (mails(), links()) == ([], [1, 1])


def test_is_told_nothing_of_a_change_that_is_refused(
    change, user, make_user, mails, db, links
):
    make_take_back(db, user)
    assert change(user, make_user().email).json == EMAIL_TAKEN
    assert (mails(), links()) == ([], [0, 1])


def test_ends_earlier_links_and_tells_where_they_are(
    change, stranger, user, recipients, db
):
    """One may be in the wrong hands: a change by an administrator stays."""
    old, former = user.email, "former@example.com"
    make_take_back(db, user, email="ended@example.com", expires=now())
    restored = make_take_back(db, user, email=NEW)[1]
    link = make_take_back(db, user, email=former)[1]
    asked = make_change(db, user)[1]
    assert change(user, NEW).status_int == 200
    for path, token in (
        ("taking-back", restored),
        ("taking-back", link),
        ("confirmation", asked),
    ):
        answer = stranger.post(f"/users/address-changes/{path}", {"token": token})
        assert answer.json == LINK_OVER
    assert recipients() == sorted([old, former])


def test_notice_goes_with_the_account(change, app, user, make_user, db):
    other = make_user()
    for each, email in ((user, NEW), (other, "newer@example.com")):
        assert change(each, email).status_int == 200
    assert db.scalar(select(func.count(QueuedJob.id))) == 2
    app.registry.notify(AccountDeleting(db, user))
    [payload] = db.scalars(select(QueuedJob.payload)).all()
    assert f'"user_id":{other.id},' in payload
