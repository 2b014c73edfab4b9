"""The words of the mails, in each language."""

import pytest

from apiserver.mail import link_to

SAID = {
    ("password_reset", "en"): (
        "Set a new password for {title}",
        "for the account ada at {title}",
        "within an hour.",
        "Then do nothing",
    ),
    ("password_reset", "de"): (
        "Neues Passwort für {title}",
        "für das Konto ada bei {title}",
        "innerhalb von einer Stunde.",
        "Dann tun Sie nichts",
    ),
    ("password_changed", "en"): (
        "Your password was changed",
        "The password of the account ada at {title} was changed.",
        "Then set a new password here",
    ),
    ("password_changed", "de"): (
        "Ihr Passwort wurde geändert",
        "Das Passwort des Kontos ada bei {title} wurde geändert.",
        "Dann legen Sie hier ein neues fest",
    ),
}


@pytest.mark.parametrize(("name", "language"), SAID)
def test_say_what_to_do(app, written, name, language):
    link = link_to(app.registry, "/x", token="y")
    mail = written(name, language, username="ada", link=link, minutes=60)
    title = app.registry.settings["apiserver.title"]
    subject, *sentences = (each.format(title=title) for each in SAID[name, language])
    assert mail.subject == subject
    text = " ".join(mail.text.split())
    assert [each for each in sentences if each not in text] == []
    assert f"\n{link}\n" in mail.text
    assert f'href="{link}"' in mail.html


@pytest.mark.parametrize(
    ("language", "minutes", "time"),
    [
        ("en", 1, "1 minute"),
        ("en", 90, "90 minutes"),
        ("en", 1440, "24 hours"),
        ("de", 1, "einer Minute"),
        ("de", 90, "90 Minuten"),
        ("de", 1440, "24 Stunden"),
    ],
)
def test_say_how_long_the_link_works(app, written, language, minutes, time):
    link = link_to(app.registry, "/x", token="y")
    values = {"username": "ada", "link": link, "minutes": minutes}
    mail = written("password_reset", language, **values)
    assert f" {time}. " in mail.text
    assert f" {time}." in mail.html
