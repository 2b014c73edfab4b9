"""The words of the mail, in each language."""

from datetime import UTC, datetime

import pytest

from apiserver.mail import link_to

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
UNTIL = {"en": "until 2026-12-07 09:05 UTC.", "de": "bis 07.12.2026, 09:05 Uhr UTC."}


@pytest.mark.parametrize("inviter", ["ada", None])
@pytest.mark.parametrize("language", ["en", "de"])
def test_say_who_invites_to_what(app, written, language, inviter):
    link = link_to(app.registry, "/x", token="y")
    values = {"team": "Engineers", "inviter": inviter, "expires": EXPIRES, "link": link}
    mail = written("invitation", language, **values)
    assert mail.subject == SUBJECTS[language]
    title = app.registry.settings["apiserver.title"]
    first = FIRST[language, inviter].format(title)
    assert mail.text.startswith(f"{first}\n\n")
    assert f"\n\n{link}\n\n" in mail.text
    assert UNTIL[language] in mail.text
    assert f'href="{link}"' in mail.html
    assert "Engineers" in mail.html
