"""What the tests of features that send mails share.

A ``conftest.py`` imports what the folder's tests use.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from apiserver.core.jobs import QueuedJob, work_off
from apiserver.mail import LinkInvalid, link_to
from apiserver.mail.declared import write
from apiserver.mail.models import ShownMail
from tests.mail.post import Post, serving, token_in
from tests.problems import invalid

ISSUER = "https://api.example.com"
# What is answered to whoever has a link that is unknown, used or late.
LINK_OVER = invalid(token=LinkInvalid.sentence)
# What each notice says below what has happened.
NOTICE = {
    "en": "It wasn't you? Then remove there what isn't yours, and change your "
    "password, which somebody else may know. If you can't sign in, ask whoever runs "
    "{title} for help.",
    "de": "Das waren nicht Sie? Dann entfernen Sie dort, was nicht Ihnen gehört, und "
    "ändern Sie Ihr Passwort, das jemand kennen könnte. Falls Sie sich nicht anmelden "
    "können, hilft Ihnen, wer {title} betreibt.",
}


@pytest.fixture
def mails(app: Any, api: Any, db: Any) -> Callable[[], Sequence[ShownMail]]:
    """A function that lets the jobs be done, and returns the mails that are new."""
    known: set[int] = set()

    def read() -> Sequence[ShownMail]:
        api()
        db.execute(update(QueuedJob).values(due=QueuedJob.created))
        assert set(work_off(app.registry)) <= {"done"}
        db.expire_all()
        found = db.scalars(select(ShownMail).order_by(ShownMail.id)).all()
        new = [mail for mail in found if mail.id not in known]
        known.update(mail.id for mail in new)
        return new

    return read


@pytest.fixture
def notified(mails: Any) -> Callable[[], list[tuple[str, str]]]:
    """A function that returns recipients and subjects of the new mails."""
    return lambda: [(mail.recipient, mail.subject) for mail in mails()]


@pytest.fixture
def mailed_link(mails: Any) -> Callable[[], str]:
    """A function that returns the path of the link in the mail that is new."""

    def read() -> str:
        [mail] = mails()
        [link] = re.findall(rf"{ISSUER}(/\S+token=\S+)", mail.text)
        return str(link)

    return read


@pytest.fixture
def mailed_token(mailed_link: Any) -> Callable[[], str]:
    return lambda: mailed_link().partition("token=")[2]


@pytest.fixture
def written(app: Any, monkeypatch: Any) -> Callable[..., Any]:
    """A function that writes a mail in a language."""

    def call(name: str, language: str, **values: Any) -> Any:
        settings = app.registry.settings
        monkeypatch.setitem(settings, "apiserver.mail_language", language)
        return write(app.registry, app.registry.mails[name], values)

    return call


class MailWords:
    """The tests of what a feature's mails say, in each language.

    The table has for a mail and a language, maybe with the value that ``third`` names,
    the subject, and what stands in the text and in the HTML; ``{title}`` is the
    server's.
    """

    words: ClassVar[Mapping[tuple[Any, ...], Sequence[str]]]
    third: ClassVar[str] = "about"
    without_link: ClassVar[Sequence[str]] = ()
    # Of each mail, besides the link.
    values: ClassVar[Mapping[str, Any]] = {"username": "ada"}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        ids = [" ".join(map(str, key)) for key in self.words]
        metafunc.parametrize("key", self.words, ids=ids)

    def test_are_these(self, app: Any, written: Any, key: tuple[Any, ...]) -> None:
        name, language, *third = key
        link = link_to(app.registry, "/x", token="y")
        values = {**self.values, **({self.third: third[0]} if third else {})}
        mail = written(name, language, link=link, **values)
        title = app.registry.settings["apiserver.title"]
        subject, *said = (each.format(title=title) for each in self.words[key])
        assert mail.subject == subject
        html = BeautifulSoup(mail.html, "html.parser").text.replace("\u2019", "'")
        for text in (mail.text, html):
            line = " ".join(text.split())
            assert [each for each in said if each not in line] == []
        has_link = name not in self.without_link
        assert (f"\n{link}\n" in mail.text) is has_link
        assert (f'href="{link}"' in mail.html) is has_link


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


@pytest.fixture
def sent_again(
    sending: Any, smtp: tuple[Post, int], db: Any
) -> Callable[[Any], tuple[list[str], str]]:
    """A function that lets a mail go out at the second attempt, with another link.

    It takes a statement for the link's digest; it returns recipients and token.
    """

    def send(statement: Any) -> tuple[list[str], str]:
        post, _ = smtp
        post.refusals = {"DATA": "451 later"}
        assert work_off(sending.registry)[-1] == "failed"
        first = db.scalar(statement)
        post.refusals = {}
        db.execute(update(QueuedJob).values(due=QueuedJob.created))
        assert work_off(sending.registry) == ["done"]
        db.expire_all()
        assert db.scalar(statement) != first
        [mail] = post.mails
        return post.recipients, token_in(mail)

    return send
