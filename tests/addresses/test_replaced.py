"""An administrator gives an account another address: the old one is notified."""

import re

import pytest
from sqlalchemy import select

from apiserver.addresses.models import AddressChange, AddressTakeBack
from apiserver.core.db import now
from apiserver.core.jobs import QueuedJob
from apiserver.mail import LinkInvalid
from apiserver.mail.models import ShownMail
from apiserver.users.events import AccountDeleting
from tests.addresses.factories import make_change, make_take_back
from tests.patches import replace
from tests.problems import conflict, invalid
from tests.users.accounts import patch

NEW = "new@example.com"
LANGUAGES = {
    "en": (
        "Your address at {title} was changed",
        "An administrator of {title} has given the account {username} another address. "
        "Mails about this account no longer come here, and earlier links for taking a "
        "change back no longer work.",
        "If you didn't expect this, ask an administrator.",
        "This mail was sent by {title}: https://api.example.com/",
    ),
    "de": (
        "Ihre Adresse bei {title} wurde geändert",
        "Jemand von der Administration von {title} hat dem Konto {username} eine "
        "andere Adresse gegeben. E-Mails zu diesem Konto kommen nicht mehr hier an, "
        "und frühere Links zum Zurücknehmen einer Änderung gelten nicht mehr.",
        "Falls Sie das nicht erwartet haben, fragen Sie bei der Administration nach.",
        "Diese E-Mail kommt von {title}: https://api.example.com/",
    ),
}


@pytest.fixture
def change(api, verified, make_user):
    """A function by which an administrator patches an address."""
    client = api(make_user("admin"), app=verified)

    def call(user, email):
        return client.patch(f"/users/{user.id}", patch(replace("email", email)))

    return call


def recipients(mails):
    return sorted(mail.recipient for mail in mails())


@pytest.mark.parametrize("language", LANGUAGES)
def test_is_told_in_each_language(
    change, verified, user, mails, db, monkeypatch, language
):
    settings = verified.registry.settings
    monkeypatch.setitem(settings, "apiserver.mail_language", language)
    names = {"title": settings["apiserver.title"], "username": user.username}
    subject, what, then, foot = (line.format(**names) for line in LANGUAGES[language])
    old = user.email
    assert change(user, NEW).status_int == 200
    text = f"{what}\n\n{then}\n\n\n-- \n{foot}\n"
    assert mails() == [(old, subject, text)]
    html = db.scalars(select(ShownMail.html)).one()
    assert re.findall("<p>(.*)</p>", html) == [what, then.replace("'", "\u2019")]
    # Neither the new address nor a link, but to the server.
    assert set(re.findall(r'href="(.*?)"', html)) == {"https://api.example.com/"}
    assert NEW not in html


def test_is_told_of_each_change(change, user, mails):
    """Though a second one follows before a mail has gone out."""
    old = user.email
    for email in (NEW, "newer@example.com"):
        assert change(user, email).status_int == 200
    assert recipients(mails) == sorted([old, NEW])


@pytest.mark.parametrize("spell", [str, str.upper])
def test_is_told_nothing_of_the_same_address(change, user, mails, db, spell):
    """No link ends, either."""
    make_change(db, user)
    make_take_back(db, user)
    assert change(user, spell(user.email)).status_int == 200
    assert mails() == []
    for model in (AddressChange, AddressTakeBack):
        assert len(db.scalars(select(model)).all()) == 1


def test_is_told_nothing_of_a_change_that_is_refused(
    change, user, make_user, mails, db
):
    make_take_back(db, user)
    taken = "A user with this email address already exists."
    answer = change(user, make_user().email)
    assert answer.json == conflict(taken, "email")
    assert mails() == []
    assert len(db.scalars(select(AddressTakeBack)).all()) == 1


def test_ends_earlier_links_and_tells_where_they_are(
    change, api, verified, user, mails, db
):
    """One may be in the wrong hands: a change by an administrator stays."""
    old = user.email
    make_take_back(db, user, email="ended@example.com", expires=now())
    restored = make_take_back(db, user, email=NEW)[1]
    former = "former@example.com"
    link = make_take_back(db, user, email=former)[1]
    asked = make_change(db, user)[1]
    assert change(user, NEW).status_int == 200
    stranger = api(app=verified)
    for path, token in (
        ("taking-back", restored),
        ("taking-back", link),
        ("confirmation", asked),
    ):
        answer = stranger.post(f"/users/address-changes/{path}", {"token": token})
        assert answer.json == invalid(token=LinkInvalid.sentence)
    assert recipients(mails) == sorted([old, former])


def test_notice_goes_with_the_account(change, verified, user, make_user, mails, db):
    other = make_user()
    for each, email in ((user, NEW), (other, "newer@example.com")):
        assert change(each, email).status_int == 200
    waiting = [job.payload for job in db.scalars(select(QueuedJob))]
    assert len(waiting) == 2
    verified.registry.notify(AccountDeleting(db, user))
    [payload] = db.scalars(select(QueuedJob.payload)).all()
    assert f'"user_id":{other.id},' in payload
