"""The page about OAuth2: its commands run in front of a server, its tables are true."""

import sys

import pytest

from tests.factories import CLIENT_SECRET
from tests.forked import serve
from tests.markdown import ROOT, blocks, code_spans, table
from tests.served import BIN, clean_environment, development_ini, free_port
from tests.settings import project
from tests.terminal import terminal
from tests.tools import needs
from tests.transcript import ANSWERS, SERVER

PAGE = ROOT / "docs/oauth2.md"

needs_both = needs("curl", "openssl")

# The user's browser: signs in, allows, and goes where it is sent.
BROWSER = """
import sys, httpx
from tests.clients.browser import sign_in
httpx.get(sign_in(sys.argv[1], "user", "w"))
"""


@pytest.fixture
def server(tmp_path, make_database):
    """The URL of a server of development.ini, whose issuer is that URL."""
    ini = development_ini(tmp_path)
    url = f"http://127.0.0.1:{free_port()}"
    text = ini.read_text("utf-8").replace("127.0.0.1:0", url.removeprefix("http://"))
    ini.write_text(text.replace(SERVER, url))
    environment = clean_environment(DATABASE_URL=make_database())
    with serve(ini, environment) as served:
        assert served == url
        yield url, environment


@pytest.fixture
def shell(server, tmp_path):
    """A shell in a folder with the page's program, ``.venv`` and development.ini."""
    _, environment = server
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/bin").symlink_to(BIN)
    (program,) = [block for block in blocks(PAGE) if block.language == "python"]
    (tmp_path / "sign_in.py").write_text(program.text)
    browser = tmp_path / "browser.py"
    browser.write_text(BROWSER)
    own = {
        "BROWSER": f"{sys.executable} {browser} %s &",
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1",
    }
    with terminal(tmp_path, {**environment, **own}) as shell:
        yield shell


@pytest.mark.slow
@needs_both
def test_commands_answer_as_shown(server, shell):
    url, _ = server
    found = blocks(PAGE)
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.language != "sh":
            continue
        printed = shell.run(block.text.replace(SERVER, url))
        if following is not None and following.language in ANSWERS:
            shown = following.text.replace(SERVER, url)
            ANSWERS[following.language](printed, shown)


# A token request for each error of the table.
REQUESTS = {
    "invalid_request": {},
    "invalid_client": {"grant_type": "client_credentials", "client_secret": "guess"},
    "invalid_grant": {"grant_type": "refresh_token", "refresh_token": "unknown"},
    "invalid_scope": {"grant_type": "client_credentials", "scope": "teams:write"},
    "unauthorized_client": {"grant_type": "authorization_code", "code": "unknown"},
    "unsupported_grant_type": {"grant_type": "implicit"},
}


class TestErrors:
    def test_have_the_status_that_is_shown(self, api, make_client):
        client = make_client(grant_types=("client_credentials", "refresh_token"))
        own = {"client_id": client.client_id, "client_secret": CLIENT_SECRET}
        answered = {}
        for name, form in REQUESTS.items():
            answer = api().call("POST", "/auth/oauth2/token", form={**own, **form})
            assert answer.json["error"] == name
            answered[f"`{name}`"] = str(answer.status_int)
        named = {row[0]: row[1] for row in table(PAGE, "error") if "`" in row[0]}
        assert answered == named


class TestTables:
    def test_lifetimes_are_the_defaults(self):
        settings = project().registry.settings
        rows = table(PAGE, "what | seconds")
        shown = {row[2].split("`")[1]: int(row[1].strip("`")) for row in rows}
        defaults = {name: settings[name] for name in shown}
        assert len(shown) == 7
        assert shown == defaults

    def test_scopes_are_those_of_the_server(self):
        shown = {row[0].strip("`") for row in table(PAGE, "scope")}
        assert shown <= set(project().registry.scopes)
        assert shown >= {
            span for span in code_spans(PAGE) if span.endswith((":read", ":write"))
        }
