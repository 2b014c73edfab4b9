"""A server of SMTP that keeps what it gets, and an application that sends it some."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pyramid.config import Configurator

from apiserver.core.db import Session
from apiserver.core.jobs import Run, job, put
from apiserver.features import require_feature
from apiserver.mail import Link, link_to, send_mail

USERNAME, PASSWORD = "mailer", "password of a mailer"


class Post:
    """What the server does with mails; ``refusals`` are answers, by the command."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget what came so far."""
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals: dict[str, str] = {}
        self.options: list[str] = []
        # That a mail has arrived, and that the answer may be given.
        self.arrived, self.waits = Event(), Event()
        self.waits.set()

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, sender: str, options: list[str]
    ) -> str:
        envelope.mail_from = sender
        self.options = options
        return self.refusals.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, to: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(to)
        return self.refusals.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.arrived.set()
        await asyncio.to_thread(self.waits.wait)
        if "DATA" not in self.refusals:
            message: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append(message)
            self.recipients += envelope.rcpt_tos
        return self.refusals.get("DATA", "250 OK")


def authenticate(
    server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    known = (USERNAME.encode(), PASSWORD.encode())
    is_right = (data.login, data.password) == known
    return AuthResult(success=is_right, handled=is_right)


class Server(Controller):
    """A server on a free port, which it knows once it listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Post, int]]:
    """Serve SMTP; yield what it gets, and the port."""
    post = Post()
    options = {"authenticator": authenticate, **options}
    options = {"port": 0, **options}
    server = Server(post, hostname="127.0.0.1", **options)
    server.start()
    try:
        yield post, server.port
    finally:
        server.stop()


def token_in(mail: EmailMessage) -> str:
    """Return the token of the link in a mail."""
    text, _ = mail.iter_parts()
    found = re.search(r"token=(\S+)", text.get_content())
    assert found
    return found[1]


@job()
def write_letter(run: Run) -> None:
    """Send the letter of the test, and do before and after what it says."""
    to, word = run.registry.letter
    run.registry.before(run)
    link = link_to(run.registry, "/letters/", token="a&b")
    send_mail(run, "letter", to=to, values={"link": link, "word": word})
    run.registry.after(run)


@job()
def give_notice(run: Run) -> None:
    """Send a notice, which may be stopped."""
    to, word = run.registry.letter
    stop: Link = link_to(run.registry, "/stop")
    send_mail(run, "notice", to=to, values={"word": word}, stop=stop)


def letters(config: Configurator) -> None:
    """Include mail, and two jobs that send it."""
    # Of an application, of which this is a part.
    config.add_directive("require_feature", require_feature)
    config.include("apiserver.mail")
    config.add_mail("letter", "tests.mail:mails")
    config.add_mail("notice", "tests.mail:mails", is_notice=True, is_bounded=False)
    config.registry.before = config.registry.after = lambda run: None
    config.add_job(write_letter)
    config.add_job(give_notice)


def put_letter(app: Any, to: str, word: str = "", *, what: Any = write_letter) -> None:
    """Put the job, in a transaction that is committed."""
    app.registry.letter = to, word
    with Session(app.registry.engine) as db, db.begin():
        put(db, what)
