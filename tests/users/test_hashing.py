"""The gate in front of the hashes: few hash, few wait, all others come again."""

import threading

import pytest
from sqlalchemy import select

from apiserver.users.hashing import HASHING, Busy, Gate
from apiserver.users.models import Throttle, User
from tests.auth.browser import password_grant
from tests.problems import problem

REASON = "Too many people are signing in right now."
PUT_OFF = problem(503, REASON)


class TestGate:
    def test_lets_so_many_through(self):
        gate = Gate(2, queue=0)
        with gate(), gate(), pytest.raises(Busy), gate():
            pass
        with gate(), gate():
            assert gate.waiting == 0

    def test_lets_others_wait(self):
        gate = Gate(1, queue=1)
        entered = threading.Event()

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
        assert entered.is_set()
        assert gate.waiting == 0

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


class TestSignIn:
    def test_is_put_off_when_too_many_sign_in(
        self, api, db, make_client, make_user, busy
    ):
        user, client = make_user(), make_client(first_party=True)
        form = password_grant(user.username, client)
        responses = [
            api().call("POST", "/auth/oauth2/token", form=form) for _ in range(12)
        ]
        assert {response.status_int for response in responses} == {503}
        assert responses[0].headers["Retry-After"] == "1"
        assert responses[0].json == {
            "error": "temporarily_unavailable",
            "error_description": REASON,
        }
        # Nobody has looked at the passwords: it was no try.
        assert db.scalars(select(Throttle.tries)).all() == [0, 0]


class TestSignUp:
    def test_is_put_off_and_makes_no_account(self, api, db, busy):
        new = {
            "username": "new",
            "email": "new@example.com",
            "password": "an umbrella for the tortoise",
            "recaptcha_key": "secret_key",
        }
        response = api().post("/users/", new)
        assert response.status_int == 503
        assert response.json == PUT_OFF
        assert db.scalars(select(User.id)).all() == []
