"""A mail goes out by a job: as it was declared, once it is committed, or not at all."""

import logging
import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from apiserver.core.db import Session
from apiserver.core.jobs import put, work_off
from apiserver.core.jobs.models import QueuedJob
from apiserver.mail import link_to, send_mail
from tests.conftest import ROOT
from tests.mail.post import give_notice, put_letter, serving, write_letter
from tests.served import clean_environment

# Of an application that is given none.
TITLE = "apiserver"

LINK = "https://api.example.com/letters/?token=a%26b"
REFUSED = "The mail server refuses"


@pytest.fixture
def letter(app, post, work):
    """A function that lets a letter be sent, and returns it."""

    def send(*args, **kw):
        assert work(app, *args, **kw) == ["done"]
        (mail,) = post.mails
        return mail

    return send


def make_due(app):
    with app.registry.engine.begin() as connection:
        connection.execute(update(QueuedJob).values(due=QueuedJob.created))


def contents(mail):
    """Return what the parts say, with the ends of lines as programs write them."""
    return [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]


class TestMail:
    def test_is_text_and_html_with_the_headers_of_a_program(self, letter, post):
        mail = letter(word="Käse & <b>")
        assert post.recipients == ["ada@example.com"]
        headers = {name: str(value) for name, value in mail.items()}
        assert re.fullmatch(r"<[0-9a-f]{32}@example\.com>", headers.pop("Message-ID"))
        assert headers.pop("Date").endswith(" +0000")
        assert headers.pop("Content-Type").startswith("multipart/alternative;")
        assert headers == {
            "From": "Exämple <no-reply@example.com>",
            "To": "ada@example.com",
            "Subject": "Letter about Käse & <b>",
            "Auto-Submitted": "auto-generated",
            "MIME-Version": "1.0",
        }
        text, html = contents(mail)
        assert text == (
            f"Read of Käse & <b>:\n\n{LINK}\n\n\n-- \n"
            f"This mail was sent by {TITLE}: https://api.example.com/\n"
        )
        assert "<p>Read of Käse &amp; &lt;b&gt;:</p>" in html
        links = re.findall(r'(?:href|src)="([^"]*)"', html)
        assert links == [LINK, "https://api.example.com/"]

    def test_that_is_a_notice_may_be_stopped(self, letter):
        mail = letter(word="rain", what=give_notice)
        stop = "https://api.example.com/stop"
        assert mail["List-Unsubscribe"] == f"<{stop}>"
        assert [stop in content for content in contents(mail)] == [True, True]

    def test_that_is_a_notice_needs_the_link_to_stop_it(self, app):
        run = SimpleNamespace(registry=app.registry)
        with pytest.raises(TypeError, match="A notice needs a link"):
            send_mail(run, "notice", to="ada@example.com", values={"word": ""})
        link = link_to(app.registry, "/stop")
        with pytest.raises(TypeError, match="and only a notice"):
            send_mail(run, "letter", to="ada@example.com", stop=link)

    @pytest.mark.parametrize(
        ("word", "written"),
        [
            ("x\r\nBcc: eve@example.com\r\n\r\nspam", "x Bcc: eve@example.com spam"),
            ("http://evil.example/?a=b", "http[:]//evil[.]example/?a=b"),
            ("see www.evil.example", "see www[.]evil[.]example"),
            ("x@evil.example/login", "x@evil[.]example/login"),
            ("\u202egro.elpmaxe\u2069\0\x1b[1m", "gro[.]elpmaxe[1m"),
            ("Dr. Who, J.R. Ewing, 3.5 %", "Dr. Who, J.R. Ewing, 3.5 %"),
            ("ada@example.com", "ada@example.com"),
        ],
    )
    def test_has_no_line_and_no_link_that_was_typed(self, letter, word, written):
        mail = letter(word=word)
        assert mail["Subject"] == f"Letter about {written}"
        assert mail["Bcc"] is None
        text, _ = contents(mail)
        assert text.startswith(f"Read of {written}:\n\n{LINK}\n")

    def test_goes_to_a_domain_in_any_script(self, letter, post):
        letter("ada@bücher.example")
        assert post.recipients == ["ada@xn--bcher-kva.example"]

    @pytest.mark.parametrize(
        "to",
        [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com, eve@example.com",
            "Ada <ada@example.com>",
            "@example.com",
            "ada",
            "a\0da@example.com",
            "ada@" + "x" * 300,
            "",
        ],
    )
    def test_goes_to_no_address_that_is_none(self, app, post, work, stored, to):
        assert work(app, to) == ["dead"]
        assert stored() == [("dead", 1, "The address can't be mailed to.")]
        assert post.mails == []

    def test_is_none_of_a_request_that_is_rolled_back(self, app, post):
        with Session(app.registry.engine) as db:
            put(db, write_letter)
            db.rollback()
        assert (work_off(app.registry), post.mails) == ([], [])

    def test_is_sent_again_where_the_worker_was_gone_after_it(self, app, post, work):
        """At least once: the second is no copy, since its link may be another."""

        def die(run):
            if run.attempt == 1:
                raise KeyError

        app.registry.after = die
        assert work(app) == ["failed"]
        make_due(app)
        assert work_off(app.registry) == ["done"]
        first, second = (mail["Message-ID"] for mail in post.mails)
        assert first != second


def test_server_that_is_down_gets_the_mail_once_it_is_back(
    make_sending_app, work, stored, empty
):
    with serving() as (_, port):
        pass
    app = make_sending_app(port)
    assert work(app) == ["failed"]
    reason = "The mail server can't be reached: Connection refused."
    assert stored() == [("queued", 1, reason)]
    # Not at once.
    assert work_off(app.registry) == []
    with serving(port=port) as (post, _):
        make_due(app)
        assert work_off(app.registry) == ["done"]
        assert post.recipients == ["ada@example.com"]


@pytest.mark.slow
class TestWorkerThatIsKilled:
    def test_loses_no_mail(self, app, mail_database):
        """While the server has the mail, and has not said that it takes it."""
        with serving(auth_require_tls=False) as (post, port):
            arrived, post.waits = threading.Event(), threading.Event()
            post.arrived = arrived
            put_letter(app, "ada@example.com")
            first = start_worker(mail_database, port)
            assert arrived.wait(60)
            first.kill()
            first.wait()
            post.waits.set()
            arrived.clear()
            second = start_worker(mail_database, port)
            assert arrived.wait(60)
            second.terminate()
            assert second.wait(60) == 0
            assert "ada@example.com" in post.recipients
        assert work_off(app.registry) == []


def start_worker(url, port):
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tests.mail.worker", url, str(port)],
        cwd=ROOT,
        env=clean_environment(),
        stderr=subprocess.DEVNULL,
    )


class TestRefusal:
    @pytest.mark.parametrize(
        ("command", "answer", "state", "reason"),
        [
            (
                *("RCPT", "550 5.1.1 <ada@example.com> unknown"),
                *("dead", "the recipient: 550 5.1.1."),
            ),
            (
                *("RCPT", "450 4.2.1 ada@example.com is full"),
                *("queued", "the recipient: 450 4.2.1."),
            ),
            (
                *("MAIL", "553 5.7.1 no-reply@example.com: not allowed"),
                *("queued", "apiserver.mail_from: 553 5.7.1."),
            ),
            (
                *("DATA", "554 5.7.1 ada@example.com: spam"),
                *("dead", "the message: 554 5.7.1."),
            ),
            ("DATA", "451 later", "queued", "the message: 451."),
        ],
    )
    def test_is_final_or_tried_again_and_names_no_address(
        self, app, post, work, stored, caplog, command, answer, state, reason
    ):
        """In the application's log; at INFO, the test's own server logs it."""
        caplog.set_level(logging.DEBUG, "apiserver")
        post.refusals[command] = answer
        with caplog.filtering(logging.Filter("apiserver")):
            work(app, word="a secret")
        assert "has failed" in caplog.text
        assert stored() == [(state, 1, f"{REFUSED} {reason}")]
        assert post.mails == []
        hidden = ("ada@example.com", "a secret")
        assert [each for each in hidden if each in caplog.text] == []


class TestLettersOutsideOfAscii:
    """The part before the @ takes a server that knows SMTPUTF8."""

    ADDRESS = "ädä@bücher.example"

    def test_go_out_where_the_server_takes_them(self, letter, post):
        letter(self.ADDRESS)
        assert post.recipients == ["ädä@xn--bcher-kva.example"]
        assert "SMTPUTF8" in post.options

    def test_are_refused_for_good_where_it_does_not(
        self, make_sending_app, work, stored, empty
    ):
        with serving(enable_SMTPUTF8=False) as (post, port):
            assert work(make_sending_app(port), self.ADDRESS) == ["dead"]
        reason = "The mail server takes only addresses in ASCII."
        assert (stored(), post.mails) == ([("dead", 1, reason)], [])
