"""Without a server, development shows mails: in the log, and at ``/mail/``."""

import logging
import re

import pytest
from sqlalchemy import select
from webtest import TestApp

from apiserver.mail import shown as keeping
from apiserver.mail.models import ShownMail
from tests.settings import TESTING, make

LINK = "https://api.example.com/letters/?token=a%26b"


def ids(app):
    with app.registry.read_sessions() as db:
        return db.scalars(select(ShownMail.id).order_by(ShownMail.id)).all()


@pytest.fixture
def pages(shown):
    return TestApp(shown)


class TestLog:
    def test_has_recipient_subject_and_link(self, shown, work, caplog):
        caplog.set_level(logging.INFO)
        assert work(shown, word="<rain>") == ["done"]
        about = f"Mail to ada@example.com: Letter about <rain> {LINK}"
        assert [line for line in caplog.messages if line.startswith("Mail ")] == [about]


class TestList:
    def test_shows_the_newest_first(self, shown, work, pages):
        assert "There are none yet." in pages.get("/mail/").text
        for word in ("sun", "<rain>"):
            work(shown, word=word)
        page = pages.get("/mail/")
        assert re.findall(r'<a href="/mail/(\d+)">([^<]*)</a>', page.text) == [
            (str(number), f"Letter about {word}")
            for number, word in zip(
                reversed(ids(shown)), ("&lt;rain&gt;", "sun"), strict=True
            )
        ]
        assert page.headers["Cache-Control"] == "no-store"
        assert "script-src" not in page.headers["Content-Security-Policy"]

    def test_keeps_the_newest_alone(self, shown, work, monkeypatch):
        monkeypatch.setattr(keeping, "MOST", 2)
        for word in ("one", "two", "three"):
            work(shown, word=word)
        assert len(ids(shown)) == 2


class TestMail:
    @pytest.fixture
    def number(self, shown, work):
        work(shown, word="<script>")
        return ids(shown)[-1]

    def test_is_shown_as_text_with_links_below_the_issuer(self, pages, number):
        page = pages.get(f"/mail/{number}").text
        assert "<h1>Letter about &lt;script&gt;</h1>" in page
        link = LINK.replace("&", "&amp;")
        assert f':\n\n<a href="{link}">{link}</a>\n\n\n-- \nThis' in page
        assert "<script" not in page
        assert f'src="/mail/{number}/html"' in page

    def test_is_shown_as_html_in_a_sandbox(self, pages, number):
        answer = pages.get(f"/mail/{number}/html")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; ")
        assert policy.endswith("; sandbox allow-popups allow-popups-to-escape-sandbox")
        assert "<p>Read of &lt;script&gt;:</p>" in answer.text
        assert LINK in answer.text

    @pytest.mark.parametrize(
        "number", ["0", "999999", "1" * 19, "x", "-1", "%D9%A1", "1%00"]
    )
    def test_that_is_not_there_is_not_found(self, pages, number, shown):
        for path in (f"/mail/{number}", f"/mail/{number}/html"):
            assert pages.get(path, status="*").status_int in {400, 404}


class TestProduction:
    def test_has_no_such_pages(self):
        values = {
            **TESTING,
            "apiserver.features": "users auth mail",
            "apiserver.smtp_host": "smtp.example.com",
            "apiserver.mail_from": "no-reply@example.com",
        }
        assert TestApp(make(values)).get("/mail/", status="*").status_int == 404
        del values["apiserver.production"]
        for name in ("captcha", "captcha_secret", "oauth2_password_grant"):
            del values[f"apiserver.{name}"]
        values["sqlalchemy.url"] = "postgresql://user@127.0.0.1:1/example"
        del values["apiserver.storage"]
        assert TestApp(make(values)).get("/mail/", status="*").status_int == 404
