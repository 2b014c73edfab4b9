"""How a password is asked for: typed at a terminal, or piped to a process."""

import sys

import pytest
from sqlalchemy import select

from apiserver.users.hashing import password_matches
from apiserver.users.models import User
from tests import factories
from tests.conftest import ROOT
from tests.served import clean_environment, in_process
from tests.typed import Terminal, again

pytestmark = pytest.mark.usefixtures("pure")

SET = ("set-password", "-i", "testing.ini", "--username", "ada")
NEW = "an umbrella for the tortoise"
DONE = "User ada has a new password; all tokens are revoked."


@pytest.fixture
def ada(db):
    user = factories.make_user(db, username="ada")
    db.close()
    return user


@pytest.fixture
def digest(db, ada):
    """A function that returns what is stored of the password."""

    def look():
        stored = db.scalar(select(User.password_digest).where(User.id == ada.id))
        db.close()
        return stored

    return look


class TestPipe:
    @pytest.mark.slow
    def test_is_read_by_a_process(self, url, digest):
        done = in_process("apiserver", *SET, url=url, answer=f"{NEW}\n")
        assert done == (0, f"{DONE}\n", "")
        assert password_matches(digest(), NEW)

    def test_needs_no_end_of_line(self, command, digest):
        assert command(*SET, answer=NEW) == (0, f"{DONE}\n", "")
        assert password_matches(digest(), NEW)

    def test_must_be_utf_8(self, command, digest):
        before = digest()
        sentence = "The password is not valid UTF-8.\n"
        assert command(*SET, answer=f"{NEW}\udcff") == (1, "", sentence)
        assert digest() == before

    def test_that_is_closed_holds_none(self, command, digest):
        before = digest()
        sentence = "No password: type one, or pipe it in.\n"
        assert command(*SET, answer=None) == (1, "", sentence)
        assert digest() == before


@pytest.mark.slow
class TestTerminal:
    def test_asks_twice_and_can_be_left(self, url, digest):
        before = digest()
        terminal = Terminal(
            sys.executable,
            "-c",
            again(5, *SET),
            cwd=ROOT,
            env=clean_environment(DATABASE_URL=url, TERM="dumb"),
            start_new_session=True,
        )

        def answer(*lines, end, then):
            for prompt, line in zip(
                ("Password: ", "Repeat password: "), lines, strict=False
            ):
                terminal.wait_for(prompt)
                terminal.shown = ""
                terminal.type(line, end="\r" if line else end)
            terminal.wait_for(then)
            said, terminal.shown = terminal.shown, ""
            assert "Traceback" not in said
            assert NEW not in said
            return said

        differ = answer(NEW, "another", end="", then="status 1 of 0")
        assert "The passwords do not match." in differ
        ended = answer("", end="\x04", then="status 1 of 1")
        assert "No password" in ended
        left = answer(NEW, "", end="\x03", then="status 130 of 2")
        assert left.strip() == "status 130 of 2"
        easy = answer("sesame", "sesame", end="", then="status 1 of 3")
        assert "password: Must be at least 12 characters long." in easy
        assert digest() == before
        assert DONE in answer(NEW, NEW, end="", then="status 0 of 4")
        assert password_matches(digest(), NEW)
        assert terminal.process.wait(timeout=30) == 0
