"""The gate in front of the hashes: few hash, few wait, all others come again."""

import threading

import pytest
from sqlalchemy import select

from apiserver.users.hashing import HASHING, Busy, Gate
from apiserver.users.models import Throttle, User
from tests.auth.browser import password_grant
from tests.problems import problem
from tests.users.accounts import newcomer

REASON = "Too many people are signing in right now."


class TestGate:
    def test_lets_so_many_through(self):
        gate = Gate(2, queue=0)
        with gate(), gate(), pytest.raises(Busy), gate():
            pass
        with gate(), gate():
            assert gate.waiting == 0

    def test_lets_others_wait(self):
        gate, entered = Gate(1, queue=1), threading.Event()

        def enter():
            with gate():
                entered.set()

        with gate():
            thread = threading.Thread(target=enter)
            thread.start()
            while not gate.waiting:
                pass
            with pytest.raises(Busy), gate():
                pass
            assert not entered.is_set()
        thread.join()
        assert (entered.is_set(), gate.waiting) == (True, 0)

    def test_sends_away_who_has_waited_too_long(self, monkeypatch):
        monkeypatch.setattr("apiserver.users.hashing.PATIENCE", 0.01)
        gate = Gate(1, queue=1)
        with gate(), pytest.raises(Busy), gate():
            pass
        assert gate.waiting == 0

    def test_stays_open_after_a_mistake(self):
        gate = Gate(1, queue=0)
        with pytest.raises(KeyError), gate():
            raise KeyError
        with gate():
            pass


@pytest.fixture
def busy(api):
    """The gate, with nobody allowed to wait and somebody in it."""
    before = HASHING.width, HASHING.queue
    HASHING.change(1, queue=0)
    with HASHING():
        yield
    HASHING.change(*before)


def test_signing_in_is_put_off_and_no_try(api, db, make_client, user, busy):
    form = password_grant(user.username, make_client(first_party=True))
    answers = [api().call("POST", "/auth/oauth2/token", form=form) for _ in range(12)]
    assert {answer.status_int for answer in answers} == {503}
    assert answers[0].headers["Retry-After"] == "1"
    error = {"error": "temporarily_unavailable", "error_description": REASON}
    assert answers[0].json == error
    # Nobody has looked at the passwords.
    assert db.scalars(select(Throttle.tries)).all() == [0, 0]


def test_signing_up_is_put_off_and_makes_no_account(api, db, busy):
    assert api().post("/users/", newcomer()).json == problem(503, REASON)
    assert db.scalars(select(User.id)).all() == []
