"""Mails that tell users of identities, in the feature ``apiserver.mail``."""

import re

import pytest

from apiserver.mail import link_to
from tests.factories import PASSWORD
from tests.mail import features
from tests.mail.features import FOOT, NOTICE

PAGE = "/account/providers"
HAPPENED = {
    ("identity_linked", "en"): (
        "Your account was linked to Acme",
        """\
The account ada at {title} was linked to an account at Acme:
whoever has that one can sign in.""",
    ),
    ("identity_linked", "de"): (
        "Ihr Konto wurde mit Acme verknüpft",
        """\
Das Konto ada bei {title} wurde mit einem Konto bei Acme
verknüpft: Wer jenes hat, kann sich anmelden.""",
    ),
    ("identity_unlinked", "en"): (
        "Your account was unlinked from Acme",
        """\
The account ada at {title} was unlinked from an account at Acme,
with which nobody can sign in any more.""",
    ),
    ("identity_unlinked", "de"): (
        "Ihr Konto wurde von Acme getrennt",
        """\
Das Konto ada bei {title} wurde von einem Konto bei Acme getrennt,
mit dem sich niemand mehr anmelden kann.""",
    ),
}


mails, written = features.mails, features.written


@pytest.fixture
def told(mails):
    """A function that returns recipients and subjects of the mails."""
    return lambda: [(mail.recipient, mail.subject) for mail in mails()]


@pytest.mark.parametrize(("name", "language"), HAPPENED)
def test_say_what_has_happened(app, written, name, language):
    link = link_to(app.registry, PAGE)
    mail = written(name, language, username="ada", link=link, about="Acme")
    subject, happened = HAPPENED[name, language]
    known = {"title": app.registry.settings["apiserver.title"], "link": link}
    text = f"{happened}\n\n{NOTICE[language]}\n\n\n-- \n{FOOT[language]}\n"
    assert (mail.subject, mail.text) == (subject, text.format(**known))
    assert f'href="{link}"' in mail.html
    assert f"<title>{subject}</title>" in mail.html
    said = happened.replace("\n", " ").replace("ada", "<strong>ada</strong>")
    assert f"<p>{said.format(**known)}</p>" in mail.html


def test_tell_of_both_on_the_page(person, user, told):
    person.sign_in(user.username, PASSWORD)
    csrf = re.search(r'name="csrf" value="(\w+)"', person.call("GET", PAGE).text)[1]
    led = person.call("POST", PAGE, {"csrf": csrf, "provider": "acme"}).location
    person.call("GET", person.agree(led))
    number = re.search(r'name="unlink" value="(\d+)"', person.call("GET", PAGE).text)
    person.call("POST", PAGE, {"csrf": csrf, "unlink": number[1]})
    assert told() == [
        (user.email, "Your account was linked to Acme"),
        (user.email, "Your account was unlinked from Acme"),
    ]


def test_tell_of_an_administrator(fresh, make_user, user, link, told):
    row = link(user, issuer="https://id.example.com")
    path = f"/users/{user.id}/identities/{row.id}"
    assert fresh(make_user("admin")).delete(path).status_int == 204
    # The settings name it no longer.
    subject = "Your account was unlinked from https[:]//id[.]example[.]com"
    assert told() == [(user.email, subject)]


def test_tell_nobody_of_the_account_that_is_new(person, told, provider):
    person.call("GET", person.come_back().location)
    answer = person.submit("/account/new-sign-in", username="ada")
    assert answer.headers["Location"] == "/account/"
    assert told() == []
