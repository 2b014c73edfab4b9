"""Bad input that is long: what it costs in Python grows no faster than its length.

Steps are counted, not seconds: lines of Python. ``test_work.py`` counts C, too, and
takes minutes.
"""

import sys

import pytest

from tests.bad_input.growing import (
    LENIENT,
    TEAM,
    bodies,
    call,
    environ_of,
    headers,
    urls,
)
from tests.settings import PURE

# What is linear needs eight times as much for eight times the length, and no more than
# what a request costs in any case.
EIGHT_TIMES = 8 * 1.2


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


@pytest.fixture
def send(shared_app, api, connection, make_user, make_team, make_client):
    """A function that sends a request, and undoes what it has done."""
    app = shared_app(features=PURE, **LENIENT)
    user = make_user("admin")
    path = f"/api/v1/teams/{make_team('Engineers', leaders=[user]).id}"
    make_client(user, client_id="public", client_type="public", secret_digest=None)
    token = api(user, app=app).token

    def send(sent):
        sent = sent._replace(path=sent.path.replace(TEAM, path))
        with connection.begin_nested() as savepoint:
            result = lines_of(app, environ_of(sent, token))
            savepoint.rollback()
        return result

    return send


@pytest.mark.parametrize("kinds", [bodies, headers, urls])
def test_steps_grow_no_faster_than_the_input(send, kinds):
    wrong = {}
    for name, kind in kinds():
        # What is done once is done by the first.
        _, (first, least), (last, most) = (
            send(kind.make(kind.most // part)) for part in (9, 8, 1)
        )
        if max(first, last) >= 500 or most > EIGHT_TIMES * least:
            wrong[name] = {first: least, last: most}
    assert wrong == {}
