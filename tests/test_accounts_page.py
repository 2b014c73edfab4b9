"""The page about accounts: its commands work in front of a server of development."""

import re
import time

import httpx
import pytest

from tests.forked import serve
from tests.markdown import ROOT, as_shipped, blocks
from tests.served import clean_environment, development_ini
from tests.tools import needs
from tests.transcript import Reader, steps

PAGE = ROOT / "docs/accounts.md"
# In this order: who has signed up is there for the others.
SECTIONS = (
    "Verified addresses",
    "Lost passwords",
    "Second factors",
    "Personal access tokens",
    "Administrators",
    "Invitations",
    "The account page",
    # The last one: what it takes back ends the token.
    "Changes of addresses",
)
# Where links lead of which one comes on the heels of others.
LINKS = {
    "/address-changes/confirmation": "confirm-address",
    "/address-changes/taking-back": "take-back-address",
    "/invitations/sign-up": "invitation",
}
# Commands that make a key, and ask a mail server: tests/factors and tests/mail do.
OTHERS = {"head -c 32 /dev/urandom | base64 | tr +/ -_"}
ELSEWHERE = {"Mail"}
PATIENCE = 60


@pytest.fixture(scope="module")
def ini(tmp_path_factory):
    """development.ini, whose features are all on."""
    return development_ini(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def server(ini):
    """The URL of a server, and the environment of commands about it."""
    url = f"sqlite:///{ini.parent}/accounts.db"
    with serve(ini, clean_environment(DATABASE_URL=url)) as served:
        yield served, {"DATABASE_URL": url}


@pytest.fixture(scope="module")
def reader(ini, server, tmp_path_factory):
    """Somebody who holds a token of an administrator, and reads the mails."""
    url, environment = server
    metadata = httpx.get(f"{url}/.well-known/oauth-authorization-server").json()
    form = {"grant_type": "password", "client_id": "documentation"}
    form |= {"username": "root", "password": "q"}
    form["scope"] = " ".join(metadata["scopes_supported"])
    token = httpx.post(f"{url}/auth/oauth2/token", data=form).json()["access_token"]
    # The team that the page invites to.
    own = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{url}/api/v1/teams/", json={"title": "Choir"}, headers=own)
    return Reader(
        tmp_path_factory.mktemp("home"),
        server=url,
        placeholders={"TOKEN": token, "production.ini": str(ini)},
        environment=environment,
    )


def newest_link(url, used, command):
    """Return the token of the newest mail, once the worker has sent another one.

    It is that of a link which leads where the command needs it.
    """
    leads = "".join(path for end, path in LINKS.items() if end in command)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page = httpx.get(f"{url}/mail/").text
        for path in re.findall(r'href="(/mail/\d+)"', page):
            found = re.search(
                rf"{leads}\?token=(apl_[\w-]+)", httpx.get(url + path).text
            )
            if found and found[1] != used:
                return found[1]
        time.sleep(0.2)
    raise TimeoutError("No mail has a link.")


@as_shipped
def test_all_sections_are_followed():
    headings = re.findall(r"^## (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    with_commands = [
        name for name in headings if any(b.language == "sh" for b in blocks(PAGE, name))
    ]
    assert set(with_commands) == {*SECTIONS, *ELSEWHERE}


@pytest.mark.slow
@needs("curl")
def test_commands_answer_as_shown(reader):
    for section in SECTIONS:
        shown = [b for b in blocks(PAGE, section) if b.text.strip() not in OTHERS]
        for step in steps(shown):
            if "MAILED" in step.command:
                used = reader.placeholders.get("MAILED")
                reader.placeholders["MAILED"] = newest_link(
                    reader.server, used, step.command
                )
            reader.follow(step)
