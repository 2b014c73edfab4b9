"""Signing in with a provider that others have written, in a process of its own.

It is certified by the OpenID Foundation: https://github.com/panva/node-oidc-provider.
"""

import re
import shutil
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy import select

from apiserver.providers.models import LinkedIdentity
from tests.clients.workshop import run
from tests.markdown import ROOT
from tests.providers.conftest import Person
from tests.providers.issuer import CLIENT_ID, CLIENT_SECRET
from tests.providers.test_sign_in import NEW
from tests.served import Program, free_port
from tests.tools import needs

pytestmark = [needs("node", "npm"), pytest.mark.slow]

HERE = ROOT / "tests/providers/panva"
BACK = "https://api.example.com/account/sign-in/panva/callback"


@pytest.fixture(scope="module")
def panva(tmp_path_factory):
    """The URL of the provider."""
    folder = tmp_path_factory.mktemp("panva")
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    run(["npm", "ci", *quiet], folder)
    known = (str(free_port()), CLIENT_ID, CLIENT_SECRET, BACK)
    command = ["node", "server.mjs", *known]
    with Program(command, folder / "log", folder=folder) as program:
        yield program.url()


@pytest.fixture
def visitor(api, shared_app, panva):
    app = shared_app(
        providers="panva",
        provider_panva_issuer=panva,
        provider_panva_client_id=CLIENT_ID,
        provider_panva_client_secret=CLIENT_SECRET,
    )
    return Person(lambda: api(app=app))


def agree(url, login):
    """Sign in at the provider, and agree; return where the browser is led back to."""
    with httpx.Client(follow_redirects=False) as browser:
        answer = browser.get(url)
        while not answer.headers.get("Location", "").startswith(BACK):
            url = urljoin(str(answer.url), answer.headers.get("Location", ""))
            if answer.is_redirect:
                answer = browser.get(url)
                continue
            hidden = re.findall(r'name="(prompt)" value="(\w+)"', answer.text)
            action = re.search(r'action="(.*?)"', answer.text)[1]
            form = {**dict(hidden), "login": login, "password": "any"}
            answer = browser.post(urljoin(url, action), data=form)
    return answer.headers["Location"].removeprefix("https://api.example.com")


def test_signs_up_and_in(visitor, db):
    callback = agree(visitor.set_out("panva"), "ada")
    assert "&iss=http" in callback
    assert visitor.call("GET", callback).headers["Location"] == NEW
    assert "ada@example.com" in visitor.call("GET", NEW).text
    assert visitor.submit(NEW, username="ada").headers["Location"] == "/account/"
    assert db.scalars(select(LinkedIdentity.subject)).one() == "ada"
    visitor.cookies.clear()
    callback = agree(visitor.set_out("panva"), "ada")
    assert visitor.call("GET", callback).headers["Location"] == "/account/"


def test_refuses_a_code_that_was_meant_for_another_browser(visitor, panva):
    callback = agree(visitor.set_out("panva"), "ada")
    visitor.set_out("panva")
    own = visitor.set_out("panva")
    state = re.search(r"state=([\w-]+)", own)[1]
    mixed = re.sub(r"state=[\w-]+", f"state={state}", callback)
    assert visitor.call("GET", mixed).status_int == 403
