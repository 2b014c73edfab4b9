"""Mails that tell users of identities, in the feature ``apiserver.mail``."""

import re

from tests.factories import PASSWORD
from tests.mail.features import NOTICE, MailWords, mails, notified, written

__all__ = ["mails", "notified", "written"]

PAGE = "/account/providers"
WORDS = {
    ("identity_linked", "en"): (
        "Your account was linked to Acme",
        "The account ada at {title} was linked to an account at Acme: "
        "whoever has that one can sign in.",
    ),
    ("identity_linked", "de"): (
        "Ihr Konto wurde mit Acme verknüpft",
        "Das Konto ada bei {title} wurde mit einem Konto bei Acme "
        "verknüpft: Wer jenes hat, kann sich anmelden.",
    ),
    ("identity_unlinked", "en"): (
        "Your account was unlinked from Acme",
        "The account ada at {title} was unlinked from an account at Acme, "
        "with which nobody can sign in any more.",
    ),
    ("identity_unlinked", "de"): (
        "Ihr Konto wurde von Acme getrennt",
        "Das Konto ada bei {title} wurde von einem Konto bei Acme getrennt, "
        "mit dem sich niemand mehr anmelden kann.",
    ),
}


class TestWords(MailWords):
    values = {"username": "ada", "about": "Acme"}
    words = {key: (*said, NOTICE[key[1]]) for key, said in WORDS.items()}


def test_tell_of_both_on_the_page(person, user, notified):
    person.sign_in(user.username, PASSWORD)
    person.call("GET", PAGE)
    led = person.press(PAGE, provider="acme").location
    person.call("GET", person.agree(led))
    number = re.search(r'name="unlink" value="(\d+)"', person.call("GET", PAGE).text)
    person.press(PAGE, unlink=number[1])
    assert notified() == [
        (user.email, "Your account was linked to Acme"),
        (user.email, "Your account was unlinked from Acme"),
    ]


def test_tell_of_an_administrator(api, make_user, user, link, notified):
    row = link(user, issuer="https://id.example.com")
    path = f"/users/{user.id}/identities/{row.id}"
    assert api(make_user("admin")).delete(path).status_int == 204
    # The settings name it no longer.
    subject = "Your account was unlinked from https[:]//id[.]example[.]com"
    assert notified() == [(user.email, subject)]


def test_tell_nobody_of_the_account_that_is_new(person, notified):
    person.call("GET", person.come_back().location)
    answer = person.submit("/account/new-sign-in", username="ada")
    assert answer.headers["Location"] == "/account/"
    assert notified() == []
