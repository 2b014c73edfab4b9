"""The words of the mail, in each language."""

from datetime import UTC, datetime

import pytest

from apiserver.mail import link_to
from apiserver.mail.declared import write

EXPIRES = datetime(2026, 12, 7, 9, 5, tzinfo=UTC)
SUBJECTS = {
    "en": "Invitation to the team Engineers",
    "de": "Einladung in das Team Engineers",
}
FIRST = {
    ("en", "ada"): "ada invites you to the team Engineers of {}.",
    ("en", None): "You are invited to the team Engineers of {}.",
    ("de", "ada"): "ada lädt Sie in das Team Engineers von {} ein.",
    ("de", None): "Sie sind in das Team Engineers von {} eingeladen.",
}
REST = {
    "en": """\
See the invitation, and accept it:

https://api.example.com/x?token=y

The link works once, until 2026-12-07 09:05 UTC. It is for you: don't pass it on.
If you don't want to join, do nothing.""",
    "de": """\
Sehen Sie sich die Einladung an, und nehmen Sie sie an:

https://api.example.com/x?token=y

Der Link gilt ein Mal, bis 07.12.2026, 09:05 Uhr UTC. Er ist nur für Sie: Geben Sie ihn
nicht weiter. Wenn Sie nicht beitreten möchten, müssen Sie nichts tun.""",
}


@pytest.mark.parametrize("inviter", ["ada", None])
@pytest.mark.parametrize("language", ["en", "de"])
def test_say_who_invites_to_what(app, monkeypatch, language, inviter):
    settings = app.registry.settings
    monkeypatch.setitem(settings, "apiserver.mail_language", language)
    link = link_to(app.registry, "/x", token="y")
    values = {"team": "Engineers", "inviter": inviter, "expires": EXPIRES, "link": link}
    mail = write(app.registry, app.registry.mails["invitation"], values)
    assert mail.subject == SUBJECTS[language]
    first = FIRST[language, inviter].format(settings["apiserver.title"])
    text, _, _ = mail.text.partition("\n\n\n-- \n")
    assert text == f"{first}\n\n{REST[language]}"
    assert f'href="{link}"' in mail.html
    assert "Engineers" in mail.html
