"""The server as it is started, called by curl: by the lines that its users know."""

import json
import re
from unittest.mock import ANY

import pytest

from tests.oauth_errors import USED_REFRESH
from tests.problems import problem
from tests.served import clean_environment, development_ini, pserve
from tests.settings import ROOT, SHIPPED
from tests.tools import needs
from tests.transcript import SERVER, Reader

pytestmark = [pytest.mark.slow, needs("curl")]

# As users have them; TOKEN and REFRESH stand for what the server has answered before.
LINES = """
curl 'http://127.0.0.1:5000/auth/oauth2/token?grant_type=password&client_id=documentation&username=root&password=q'
curl 'http://127.0.0.1:5000/auth/oauth2/token?grant_type=password' -F 'client_id=documentation' -F 'username=root' -F 'password=q'
curl 'http://127.0.0.1:5000/auth/oauth2/token?grant_type=password' --user 'documentation:' -F 'username=root' -F 'password=q'
curl --header 'Authorization: Bearer TOKEN' 'http://127.0.0.1:5000/api/v1/users/me'
curl 'http://127.0.0.1:5000/auth/oauth2/token?grant_type=refresh_token' --user 'documentation:' -F 'refresh_token=REFRESH'
curl 'http://127.0.0.1:5000/auth/oauth2/token?grant_type=client_credentials' --user 'documentation:KQ()SWK)SQK)QWSKQW(SKQ)S(QWSQW(SJ*HQ&HQW*SQ*^SSQWSGQSG'
"""  # noqa: E501
IN_URL, IN_FORM, BY_BASIC, ME, REFRESH, CLIENT = LINES.strip().splitlines()

# Of those who sign up; the demo users' own would be refused.
PASSWORD = "an-umbrella-for-the-tortoise"
# As the features declare them, one after the other.
SCOPE = " ".join(
    scope
    for name in SHIPPED.split()
    for scope in re.findall(
        r'add_scope\(\s*"([\w:]+)"',
        (ROOT / f"apiserver/{name}/__init__.py").read_text(),
    )
)
TOKENS = {
    "access_token": ANY,
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": SCOPE,
    "refresh_token": ANY,
}
MOMENTS = {"created": ANY, "updated": ANY}
ROOT_USER = {
    "id": 1,
    "username": "root",
    "first_name": "",
    "middle_name": "",
    "last_name": "",
    "email": "root@localhost",
    **MOMENTS,
    "is_active": True,
    "is_regular_user": True,
    "is_admin": True,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of development.ini with an empty database, which it fills by itself."""
    folder = tmp_path_factory.mktemp("served")
    ini = development_ini(folder)
    environment = clean_environment(DATABASE_URL=f"sqlite:///{folder}/example.db")
    with pserve(ini, environment) as program:
        yield program.url()


@pytest.fixture
def curl(tmp_path, server):
    """A function that runs a line in a shell, and returns status and document."""
    reader = Reader(tmp_path, server=server)

    def run(line):
        printed, status = reader.run(line)
        return int(status), json.loads(printed)

    return run


class TestLines:
    @pytest.mark.parametrize("line", [IN_URL, IN_FORM, BY_BASIC])
    def test_password_gives_tokens_which_work(self, curl, line):
        assert curl(line) == (200, TOKENS)
        assert curl(ME) == (200, ROOT_USER)
        assert curl(REFRESH) == (200, TOKENS)
        assert curl(ME) == (200, ROOT_USER)

    def test_client_gets_a_token_of_its_own(self, curl):
        expected = {k: v for k, v in TOKENS.items() if k != "refresh_token"}
        assert curl(CLIENT) == (200, expected)
        detail = "Only the user itself and administrators may do this."
        assert curl(ME) == (403, problem(403, detail))

    def test_refresh_token_works_once(self, curl):
        _, tokens = curl(IN_URL)
        line = REFRESH.replace("REFRESH", tokens["refresh_token"])
        assert curl(line) == (200, TOKENS)
        assert curl(line) == (400, USED_REFRESH)
        assert curl(ME) == (401, problem(401, "The access token is invalid."))


def user(name, number, **more):
    """Return the summary of a user of the story."""
    names = {"first_name": "", "middle_name": "", "last_name": "", **more}
    return {"id": number, "username": name, **names}


class TestStory:
    """Ada signs up, makes a team with Bob, and both are changed."""

    @pytest.fixture
    def send(self, curl):
        """A function that sends JSON, with the token of the last sign-in."""

        def run(method, path, document, *, anonymous=False):
            token = "" if anonymous else "-H 'Authorization: Bearer TOKEN' "
            return curl(
                f"curl -X {method} {token}-H 'Content-Type: application/json' "
                f"-d '{json.dumps(document)}' '{SERVER}/api/v1{path}'"
            )

        return run

    @pytest.fixture
    def sign_up(self, send, curl):
        """A function that makes an account, signs in, and returns the account."""

        def run(name):
            form = {"username": name, "email": f"{name}@localhost"}
            form["password"] = PASSWORD
            captcha = {"recaptcha_key": "secret_key"}
            answer = send("POST", "/users/", {**form, **captcha}, anonymous=True)
            curl(IN_URL.replace("root&password=q", f"{name}&password={PASSWORD}"))
            return answer

        return run

    def test_of_a_team(self, curl, send, sign_up):
        status, bob = sign_up("bob")
        assert status == 201
        status, ada = sign_up("ada")
        signed_up = {**ROOT_USER, "id": ANY, "is_admin": False}
        assert (status, ada) == (
            201,
            {**signed_up, "username": "ada", "email": "ada@localhost"},
        )

        status, team = send("POST", "/teams/", {"title": "Engineers"})
        members = [{"user": user("ada", ada["id"]), "is_leader": True}]
        expected = {"title": "Engineers", "members": members}
        assert (status, team) == (201, {"id": ANY, **expected, **MOMENTS})

        path = f"/teams/{team['id']}"
        member = {
            "team": {"id": team["id"], "title": "Engineers"},
            "user": user("bob", bob["id"]),
            "is_leader": False,
        }
        answer = send("POST", f"{path}/members/", {"user_id": bob["id"]})
        assert answer == (201, member)

        patch = [{"op": "replace", "path": "/is_leader", "value": True}]
        answer = send("PATCH", f"{path}/members/{bob['id']}", patch)
        assert answer == (200, {**member, "is_leader": True})

        patch = [
            {"op": "test", "path": "/current_password", "value": PASSWORD},
            {"op": "replace", "path": "/first_name", "value": "Ada"},
        ]
        answer = send("PATCH", f"/users/{ada['id']}", patch)
        assert answer == (200, {**ada, "first_name": "Ada", "updated": ANY})

        patch = [{"op": "replace", "path": "/title", "value": "Programmers"}]
        expected = {
            "id": team["id"],
            "title": "Programmers",
            "members": [
                {"user": user("bob", bob["id"]), "is_leader": True},
                {"user": user("ada", ada["id"], first_name="Ada"), "is_leader": True},
            ],
            **MOMENTS,
        }
        assert send("PATCH", path, patch) == (200, expected)
        line = ME.replace("/users/me", path)
        assert curl(line) == (200, expected)
