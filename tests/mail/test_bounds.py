"""Mails are bounded: by who gets them, and by the address that asks for them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from apiserver.mail import limit_mails
from apiserver.mail.models import MailCounter
from tests.core.notes import NoteClient, notes
from tests.mail.post import give_notice
from tests.networks import from_address
from tests.problems import problem

LIMITS = {"mails_per_recipient": 2, "mails_per_address": 2}


@pytest.fixture(scope="module")
def bounded_app(make_mail_app, mail_database):
    return make_mail_app(mail_database, notes, **LIMITS)


@pytest.fixture
def bounded(bounded_app, empty):
    bounded_app.registry.act = lambda request: limit_mails(request) or {}
    return bounded_app


def later(app):
    """Let the window be over."""
    with app.registry.engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(MailCounter).values(expires=past))


class TestRecipient:
    def test_gets_no_more_than_so_many(self, bounded, work, mails, caplog):
        for word in "abc":
            assert work(bounded, "Ada@Example.com", word) == ["done"]
        work(bounded, "bob@example.com", "d")
        assert mails(bounded) == ["Letter about a", "Letter about b", "Letter about d"]
        sentence = "The mail letter was not sent: too many to its recipient."
        assert caplog.messages.count(sentence) == 1
        later(bounded)
        work(bounded, "ada@example.com", "e")
        assert mails(bounded)[-1] == "Letter about e"

    def test_gets_what_tells_of_things_that_have_happened(self, bounded, work, mails):
        for word in "abc":
            work(bounded, word=word, what=give_notice)
        assert mails(bounded) == [f"Notice of {word}" for word in "abc"]


class TestAddress:
    def test_asks_for_no_more_than_so_many(self, bounded):
        def ask(address):
            client = NoteClient(from_address(bounded, address))
            return client.call("POST", "/notes/")

        # A network of IPv6 is one.
        same = ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4")
        answers = [ask(address) for address in same]
        assert [answer.status_int for answer in answers] == [200, 200, 429, 429]
        assert 3500 < int(answers[2].headers["Retry-After"]) <= 3600
        refused = problem(429, "Too many attempts. Try again in 60 min.")
        assert answers[2].json == refused
        assert ask("192.0.2.1").status_int == 200
        later(bounded)
        assert ask("2001:db8::1").status_int == 200
