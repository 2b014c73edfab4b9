"""A server ends while requests run: nobody notices.

Waitress drains by itself. From the others nginx has to be told first to send nothing
more, as the README of stack2 says: what waits for them to accept would be lost.
"""

from functools import cache, partial

import pytest

from tests.deploy.load import PATH, Load

CLOSING = {"Connection": "close"}


@pytest.fixture(scope="module")
def waitress(start):
    return start("waitress", count=2)


@pytest.fixture(scope="module")
def stack_of(start):
    """A function that gives the stack of a server, started once."""
    return cache(lambda name: start(name, count=2))


def end_under_load(load, server, before=lambda: None):
    """Ask a server to end; return the statuses of all requests around that."""
    with load:
        load.reaches(50)
        before()
        server.terminate()
        assert server.wait(90) == 0
        load.reaches(50)
    return set(load.statuses)


class TestTermination:
    def test_of_waitress_loses_no_request(self, waitress, account):
        server = next(iter(waitress.servers.running.values()))
        load = Load(waitress.proxy.client, account)
        assert end_under_load(load, server) == {200, 201}

    @pytest.mark.parametrize("name", ["uwsgi", "gunicorn", "granian"])
    def test_of_others_loses_no_request_once_nginx_knows(self, stack_of, account, name):
        stack = stack_of(name)
        port, server = next(iter(stack.servers.running.items()))
        upstream = f"127.0.0.1:{stack.servers.uwsgi.get(port, port)}"
        # A reload closes connections that are idle, which a client may just use.
        load = Load(partial(stack.proxy.client, headers=CLOSING), account)
        statuses = end_under_load(load, server, lambda: stack.proxy.take_out(upstream))
        assert statuses == {200, 201}

    def test_of_uwsgi_while_it_starts_ends_it(self, stack_of):
        """Its processes lose a signal that comes while they load the application."""
        behind = stack_of("uwsgi").servers
        port = behind.start("uwsgi")
        starting = behind.running[port]
        starting.until(lambda: "spawned uWSGI worker" in starting.said())
        starting.terminate()
        assert starting.wait(90) == 0

    def test_of_all_is_told_as_such(self, waitress):
        for process in waitress.servers.running.values():
            process.terminate()
        for process in waitress.servers.running.values():
            process.wait(90)
        with waitress.proxy.client() as http:
            answer = http.get(PATH)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] == "The server can't be reached."
