"""Bad input that is long: what it costs grows no faster than its length.

Steps are counted, not seconds: lines of Python.
"""

import sys

import pytest

from tests.bad_input.growing import KINDS, LENIENT, TEAM, call, environ_of

# How long, of the greatest length.
LENGTHS = (8, 4, 2, 1)
# What is linear needs eight times as much for eight times the length, and no more than
# what a request costs in any case.
EIGHT_TIMES = 8 * 1.2


@pytest.fixture(scope="module")
def lenient(make_app, database_url):
    return make_app(database_url, **LENIENT)


def lines_of(app, environ):
    """Send the request; return the status, and how many lines of Python were run."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        status = call(app, environ)
    finally:
        sys.settrace(before)
    return status, count


class TestSteps:
    @pytest.fixture
    def send(self, lenient, api, make_user, make_team, make_client):
        user = make_user("admin")
        path = f"/api/v1/teams/{make_team('Engineers', leaders=[user]).id}"
        make_client(user, client_id="public", client_type="public", secret_digest=None)
        token = api(user, app=lenient).token

        def send(sent):
            sent = sent._replace(path=sent.path.replace(TEAM, path))
            return lines_of(lenient, environ_of(sent, token))

        return send

    @pytest.mark.parametrize("name", KINDS)
    def test_grow_no_faster_than_the_input(self, send, name):
        kind = KINDS[name]
        send(kind.make(kind.most // 9))
        results = [send(kind.make(kind.most // part)) for part in LENGTHS]
        assert [status for status, _ in results if status >= 500] == []
        assert results[-1][1] <= EIGHT_TIMES * results[0][1]
