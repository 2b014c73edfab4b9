"""Nothing that a request holds splits a response, whichever server sends it."""

import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.auth.browser import home
from tests.clients.browser import submit
from tests.deploy.processes import servers
from tests.junk import AUTHORIZE, ENDS_HEADER, JUNK, Sent, assert_clean, requests_with
from tests.tools import need

SETTINGS = {
    "APISERVER_PRODUCTION": "false",
    "APISERVER_ISSUER": "http://127.0.0.1",
    "APISERVER_SECURE_COOKIES": "false",
    "APISERVER_CORS_ORIGINS": "*",
    "APISERVER_TRUSTED_PROXIES": "127.0.0.1",
}


@pytest.fixture(scope="module")
def database(make_database):
    return make_database()


@pytest.fixture(scope="module", params=["waitress", "gunicorn", "uwsgi"])
def url(request, database, tmp_path_factory):
    if request.param != "waitress":
        need(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    with servers(folder, DATABASE_URL=database, **SETTINGS) as started:
        port = started.start(request.param)
        started.wait()
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def username(database):
    engine = create_engine(database)
    with Session(engine) as db:
        name = factories.make_user(db).username
    engine.dispose()
    return name


def send(url, sent):
    """Send a request whose bytes no library would send; return what comes back."""
    headers = {"Host": "x", "Connection": "close", **sent.headers}
    lines = [f"{sent.method} {sent.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), 30) as sock:
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        response = HTTPResponse(sock, method=sent.method)
        response.begin()
        response.read()
    return response


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
class TestServer:
    def test_sends_no_header_of_the_requests(self, url, junk):
        for sent in requests_with(junk):
            response = send(url, sent)
            assert_clean(response.status, response.getheaders())

    def test_leads_to_no_junk_after_signing_in(self, url, junk, username):
        place = f"{AUTHORIZE}?x={junk.encode('latin-1').decode('utf-8', 'replace')}"
        # Servers may close a connection after a 400.
        headers = {"Connection": "close"}
        with httpx.Client(base_url=url, trust_env=False, headers=headers) as browser:
            page = browser.get("/auth/login", params={"next": place})
            if "\0" in junk:
                assert page.status_code == 400
                page = browser.get("/auth/login")
            response = submit(
                browser,
                page,
                username=username,
                password=factories.PASSWORD,
                next=place,
            )
        assert_clean(response.status_code, response.headers.multi_items())
        if "\0" not in junk:
            assert response.status_code == 303
            assert response.headers["Location"] == home()

    def test_takes_no_junk_as_a_part_of_the_target(self, url, junk):
        if ENDS_HEADER.search(junk):
            return
        for target in (
            f"/api/v1/teams?x={junk}",
            f"/auth/login?next={AUTHORIZE}?x={junk}",
            f"/api/v1/teams/{junk}/members",
        ):
            response = send(url, Sent("GET", target))
            assert_clean(response.status, response.getheaders())
