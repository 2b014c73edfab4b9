"""The documentation's sign-in works wherever the page is served."""

from urllib.parse import urlsplit

import pytest

from tests.browser.visit import Documentation
from tests.forked import serve
from tests.served import clean_environment, development_ini, free_port

MOUNT, PREFIX = "/svc", "/v9"


@pytest.fixture(scope="module")
def mounted(tmp_path_factory, make_database):
    """A server below a path, with another prefix, at both addresses of the machine."""
    ini = development_ini(tmp_path_factory.mktemp("mounted"))
    port = free_port()
    places = f"listen = 127.0.0.1:{port} [::1]:{port}\nurl_prefix = {MOUNT}"
    text = ini.read_text().replace("listen = 127.0.0.1:0", places)
    ini.write_text(text)
    environment = clean_environment(
        DATABASE_URL=make_database(), APISERVER_API_PREFIX=PREFIX
    )
    with serve(ini, environment) as url:
        yield url


def sign_in(visit, path):
    visit.open(path)
    window, form = visit.ask_for_code("user", "w")
    with window.expect_event("close"):
        window.get_by_role("button", name="Allow").click()
    visit.authorized(form)
    me = visit.execute("users-get_me")
    assert (me.status, me.json()["username"]) == (200, "user")


class TestSignIn:
    def test_works_by_the_name_of_the_machine(self, start, server):
        url = f"http://localhost:{urlsplit(server).port}"
        sign_in(start(Documentation, at=url), "/api/v1/")

    @pytest.mark.parametrize("host", ["localhost", "[::1]"])
    def test_works_below_a_path(self, start, mounted, host):
        url = f"http://{host}:{urlsplit(mounted).port}{MOUNT}"
        sign_in(start(Documentation, at=url), f"{PREFIX}/")
