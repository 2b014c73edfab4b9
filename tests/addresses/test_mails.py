"""The mails about addresses, in each language."""

from datetime import UTC, datetime

import pytest

from apiserver.mail import link_to

AT = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
SAID = {
    ("sign_up", "en"): ("Confirm your account at ", "2026-12-01 12:30 UTC"),
    ("sign_up", "de"): ("Bestätigen Sie Ihr Konto bei ", "01.12.2026 12:30 UTC"),
    ("sign_up_again", "en"): ("You already have an account at ", "Your username is"),
    ("sign_up_again", "de"): ("Sie haben schon ein Konto bei ", "Ihr Benutzername ist"),
    ("address_change", "en"): ("Confirm your address at ", "2026-12-01 12:30 UTC"),
    ("address_change", "de"): ("Bestätigen Sie Ihre Adresse bei ", "12:30 UTC"),
    ("address_taken", "en"): ("Your address has an account at ", "with the username"),
    ("address_taken", "de"): (
        "Zu Ihrer Adresse gibt es ein Konto bei ",
        "Benutzernamen",
    ),
    ("address_changed", "en"): (
        "Your address at {} was changed",
        "2026-12-01 12:30 UTC",
    ),
    ("address_changed", "de"): ("Ihre Adresse bei {} wurde geändert", "12:30 UTC"),
}


@pytest.mark.parametrize(("name", "language"), SAID)
def test_are_in_each_language(app, written, name, language):
    registry = app.registry
    link = link_to(registry, "/account/x", token="a")
    reset = link_to(registry, "/account/y")
    values = {"username": "ada", "link": link, "expires": AT, "reset": reset}
    subject, said = SAID[name, language]
    content = written(name, language, **values)
    title = registry.settings["apiserver.title"]
    assert content.subject == (subject + "{}" * ("{}" not in subject)).format(title)
    assert f"\n{link}\n" in content.text
    assert f'href="{link}"' in content.html
    for text in (content.text, content.html):
        assert said in text
        assert "ada" in text
