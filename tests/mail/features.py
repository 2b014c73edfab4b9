"""What the tests of features that send mails share.

A ``conftest.py`` imports what the folder's tests use.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from apiserver.core.jobs import work_off
from apiserver.mail.declared import write
from apiserver.mail.models import ShownMail
from tests.mail.post import Post, serving

# What is below each mail, and below what has happened in a notice.
FOOT = {
    "en": "This mail was sent by {title}: https://api.example.com/",
    "de": "Diese E-Mail kommt von {title}: https://api.example.com/",
}
NOTICE = {
    "en": """\
Look at it here:

{link}

It wasn't you? Then remove there what isn't yours, and change your password, which
somebody else may know. If you can't sign in, ask whoever runs {title} for help.""",
    "de": """\
Hier sehen Sie es sich an:

{link}

Das waren nicht Sie? Dann entfernen Sie dort, was nicht Ihnen gehört, und ändern Sie Ihr
Passwort, das jemand kennen könnte. Falls Sie sich nicht anmelden können, hilft
Ihnen, wer {title} betreibt.""",
}


@pytest.fixture
def mails(app: Any, api: Any, db: Any) -> Callable[[], Sequence[ShownMail]]:
    """A function that lets the jobs be done, and returns the mails that there are."""

    def read() -> Sequence[ShownMail]:
        api()
        assert set(work_off(app.registry)) <= {"done"}
        found: Sequence[ShownMail] = db.scalars(
            select(ShownMail).order_by(ShownMail.id)
        ).all()
        return found

    return read


@pytest.fixture
def written(app: Any, monkeypatch: Any) -> Callable[..., Any]:
    """A function that writes a mail in a language."""

    def call(name: str, language: str, **values: Any) -> Any:
        settings = app.registry.settings
        monkeypatch.setitem(settings, "apiserver.mail_language", language)
        return write(app.registry, app.registry.mails[name], values)

    return call


@pytest.fixture
def smtp() -> Iterator[tuple[Post, int]]:
    """What a server of mails gets, and its port."""
    with serving(auth_require_tls=False) as served:
        yield served


@pytest.fixture
def sending(make_app: Any, database_url: str, smtp: tuple[Post, int]) -> Any:
    """An application that sends its mails to the server."""
    return make_app(
        database_url,
        smtp_host="127.0.0.1",
        smtp_port=str(smtp[1]),
        smtp_security="none",
        mail_from="no-reply@example.com",
    )
