"""The words of the mails, in each language."""

import pytest

from apiserver.mail import link_to
from apiserver.mail.declared import write

FOOT = {
    "en": "This mail was sent by {title}: https://api.example.com/",
    "de": "Diese E-Mail kommt von {title}: https://api.example.com/",
}
TEXTS = {
    "en": """\
Somebody has asked for a new password for the account ada at {title}.
Set it here:

https://api.example.com/x?token=y

The link works once, within {time}. A newer one takes its place.

You haven't asked? Then do nothing: your password stays as it is.""",
    "de": """\
Jemand hat ein neues Passwort für das Konto ada bei {title} angefordert.
So legen Sie es fest:

https://api.example.com/x?token=y

Der Link gilt ein Mal, innerhalb von {time}. Ein neuerer ersetzt ihn.

Das waren nicht Sie? Dann tun Sie nichts: Ihr Passwort bleibt, wie es ist.""",
}
SUBJECTS = {"en": "Your password was changed", "de": "Ihr Passwort wurde geändert"}
NOTICES = {
    "en": """\
The password of the account ada at {title} was changed. Other sessions have
ended.

It wasn't you? Then set a new password here, by a link that is mailed to this address:

https://api.example.com/x

If somebody else may read your mail, change the password of your mailbox first.""",
    "de": """\
Das Passwort des Kontos ada bei {title} wurde geändert. Andere Sitzungen sind
beendet.

Das waren nicht Sie? Dann legen Sie hier ein neues fest, mit einem Link, der an diese
Adresse geht:

https://api.example.com/x

Falls jemand Ihre E-Mails lesen kann, ändern Sie vorher das Passwort des Postfachs.""",
}


@pytest.fixture
def written(app, monkeypatch):
    """A function that writes a mail in a language."""

    def call(name, language, **values):
        settings = app.registry.settings
        monkeypatch.setitem(settings, "apiserver.mail_language", language)
        return write(app.registry, app.registry.mails[name], values)

    return call


@pytest.fixture
def title(app):
    return app.registry.settings["apiserver.title"]


class TestLink:
    @pytest.mark.parametrize(
        ("language", "minutes", "time"),
        [
            ("en", 1, "1 minute"),
            ("en", 90, "90 minutes"),
            ("en", 60, "an hour"),
            ("en", 1440, "24 hours"),
            ("de", 1, "einer Minute"),
            ("de", 90, "90 Minuten"),
            ("de", 60, "einer Stunde"),
            ("de", 1440, "24 Stunden"),
        ],
    )
    def test_is_mailed_with_its_time(
        self, app, title, written, language, minutes, time
    ):
        link = link_to(app.registry, "/x", token="y")
        values = {"username": "ada", "link": link, "minutes": minutes}
        mail = written("password_reset", language, **values)
        subject = {"en": "Set a new password for {}", "de": "Neues Passwort für {}"}
        assert mail.subject == subject[language].format(title)
        foot = FOOT[language].format(title=title)
        text = TEXTS[language].format(title=title, time=time)
        assert mail.text == f"{text}\n\n\n-- \n{foot}\n"
        assert f'href="{link}"' in mail.html
        assert f" {time}." in mail.html


class TestNotice:
    @pytest.mark.parametrize("language", ["en", "de"])
    def test_says_what_to_do(self, app, title, written, language):
        link = link_to(app.registry, "/x")
        values = {"username": "ada", "link": link}
        mail = written("password_changed", language, **values)
        assert mail.subject == SUBJECTS[language]
        foot = FOOT[language].format(title=title)
        text = NOTICES[language].format(title=title)
        assert mail.text == f"{text}\n\n\n-- \n{foot}\n"
        assert f'href="{link}"' in mail.html
