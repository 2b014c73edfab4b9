"""Below a path, as docs/operations.md has it: nginx, two web servers, a browser."""

import re
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.browser.callback import pages
from tests.browser.drivers import Chromium
from tests.browser.visit import Documentation
from tests.conformance.flow import challenge
from tests.conftest import ROOT
from tests.deploy.nginx import command
from tests.deploy.processes import DEPLOY, is_ready
from tests.served import Program, clean_environment, free_port, listens
from tests.tools import need, needs

pytestmark = needs("nginx", "chromium")

PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
SECTION = PAGE.partition("\n## Below a path\n")[2].partition("\n## ")[0]
BY_HEADER, BY_UWSGI = re.findall("```nginx\n(.*?)```", SECTION, re.DOTALL)
(MOUNT,) = re.findall("```ini\n(.*?)```", SECTION, re.DOTALL)
MODULE = "module = apiserver.wsgi:make_application()\n"

CONFIGURATION = """
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""


@contextmanager
def server_of(name, folder, settings):
    """Start a server; yield what nginx needs to find it there."""
    port, uwsgi_port = free_port(), free_port()
    own = {"SERVER": name, "ADDRESS": f"127.0.0.1:{port}", "WORKERS": "1"}
    own |= {"THREADS": "4", "UWSGI_SOCKET": f"127.0.0.1:{uwsgi_port}"}
    program = [DEPLOY / "serve"]
    locations = BY_HEADER.replace("127.0.0.1:5000", own["ADDRESS"])
    if name == "uwsgi":
        ini = folder / "uwsgi.ini"
        text = (DEPLOY / "stack2/uwsgi.ini").read_text("utf-8")
        assert MODULE in text
        ini.write_text(text.replace(MODULE, MOUNT))
        program = ["uwsgi", "--ini", ini]
        locations = BY_UWSGI.replace("127.0.0.1:3031", own["UWSGI_SOCKET"])
        locations = locations.replace("uwsgi_params", "/etc/nginx/uwsgi_params")
    environment = clean_environment(**settings, **own)
    log = folder / "server.log"
    with Program(program, log, environment=environment) as server:
        server.until(lambda: is_ready(port))
        yield locations


@contextmanager
def nginx(folder, port, locations):
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, port=port, locations=locations)
    )
    with Program(command(configuration), folder / "nginx.log") as program:
        program.until(lambda: listens(port))
        yield


@pytest.fixture(scope="module")
def database(make_database):
    return make_database()


@pytest.fixture(scope="module", params=["waitress", "uwsgi"])
def base(request, database, tmp_path_factory):
    """The URL of the server, as its users know it."""
    if request.param == "uwsgi":
        need("uwsgi")
    folder = tmp_path_factory.mktemp(request.param)
    port = free_port()
    settings = {
        "DATABASE_URL": database,
        "APISERVER_PRODUCTION": "false",
        "APISERVER_ISSUER": f"http://127.0.0.1:{port}/svc",
        "APISERVER_SECURE_COOKIES": "false",
        "APISERVER_TRUSTED_PROXIES": "127.0.0.1",
        "APISERVER_DOCUMENTATION_CLIENT_ID": f"documentation_{request.param}",
    }
    with (
        server_of(request.param, folder, settings) as locations,
        nginx(folder, port, locations),
    ):
        yield settings["APISERVER_ISSUER"]


@pytest.fixture(scope="module")
def db(database):
    engine = create_engine(database)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture(scope="module")
def window(chromium):
    window = Chromium(chromium)
    yield window
    window.end()


class TestMount:
    def test_is_known_to_the_whole_sign_in(self, base, db, window):
        user = factories.make_user(db)
        with pages() as client_pages:
            uri = f"{client_pages.here}/hop"
            client_pages.leads_to = f"{client_pages.ipv6}/end"
            client = factories.make_client(
                db, redirect_uris=(uri,), grant_types=("authorization_code",)
            )
            asked = {
                "response_type": "code",
                "client_id": client.client_id,
                "redirect_uri": uri,
                "code_challenge": challenge(),
                "code_challenge_method": "S256",
            }
            window.begin()
            window.open(f"{base}/auth/oauth2/authorize?{urlencode(asked)}")
            window.wait_for(f"{base}/auth/login")
            window.fill("#username", user.username)
            window.fill("#password", factories.PASSWORD)
            window.press("form button")
            window.wait_for(f"{base}/auth/oauth2/authorize")
            window.press("button[value=allow]")
            window.wait_for(client_pages.leads_to)
        cookies = window.page.context.cookies()
        assert {cookie["path"] for cookie in cookies} == {"/svc"}

        window.open(f"{base}/auth/login")
        window.press("form button")
        window.page.wait_for_selector("#username")
        window.wait_for(f"{base}/auth/login")

    def test_is_known_to_the_documentation(self, base, db, window, request):
        user = factories.make_user(db)
        name = request.node.callspec.params["base"]
        factories.make_client(
            db,
            client_id=f"documentation_{name}",
            client_type="public",
            secret_digest=None,
            redirect_uris=(f"{base}/api/v1/oauth2-redirect",),
            grant_types=("authorization_code",),
        )
        context = window.program.new_context()
        visit = Documentation(context, base)
        visit.page.goto(f"{base}/")
        visit.page.get_by_role("link", name="Documentation").click()
        expect(visit.page.locator(".opblock")).not_to_have_count(0)
        assert visit.page.url == f"{base}/api/v1/"
        popup, form = visit.ask_for_code(user.username, factories.PASSWORD)
        with popup.expect_event("close"):
            popup.get_by_role("button", name="Allow").click()
        visit.authorized(form)
        me = visit.execute("users-get_me")
        assert (me.status, me.url) == (200, f"{base}/api/v1/users/me")
        assert me.json()["username"] == user.username
        assert visit.complaints == []
        assert [url for url in visit.requests if not url.startswith(f"{base}/")] == []
        context.close()

    def test_is_in_metadata_at_the_root(self, base):
        host = base.removesuffix("/svc")
        path = "/.well-known/oauth-authorization-server/svc"
        document = httpx.get(host + path, trust_env=False).json()
        assert document["issuer"] == base
        token = httpx.post(document["token_endpoint"], trust_env=False)
        assert token.status_code == 400
        path = "/.well-known/oauth-protected-resource/svc"
        document = httpx.get(host + path, trust_env=False).json()
        assert document["resource"] == base
