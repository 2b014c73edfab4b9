"""Postman: a collection made of the document, each request of which is taken."""

import json
import re
import shutil

import httpx
import pytest

from tests.clients.workshop import run
from tests.forked import serve
from tests.markdown import ROOT
from tests.served import clean_environment, development_ini
from tests.tools import needs

pytestmark = needs("node", "npm")

HERE = ROOT / "tests/clients/postman"
# What there is first, then what is done with it; what ends the token comes last.
ORDER = ["POST", "PATCH", "GET", "DELETE"]
OWN_GRANTS = "auth/grants"
# Each example is for itself alone; docs/clients.md says to untick these.
UNTICKED = {"offset", "after", "before"}
NO_SUCH_REQUEST = {400, 405, 406, 415, 422}
# No example is what an app shows just now, or what a browser has signed; and there are
# no recovery codes before that. Nor is one the link of a mail.
PROVEN = re.compile(
    r"api/v1/(auth/password-resets/confirmation|"
    r"users/sign-ups/confirmation|users/address-changes/[^/]+|"
    r"invitations/(acceptance|sign-up)|"
    r"users/me/factors/(passkeys|recovery-codes|[^/]+/confirmation))"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The URL of a server of its own, with the demo data: requests fill its tables."""
    folder = tmp_path_factory.mktemp("served")
    environment = clean_environment(DATABASE_URL=f"sqlite:///{folder}/example.db")
    with serve(development_ini(folder), environment) as url:
        yield url


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """The folder with the programs, by npm."""
    folder = tmp_path_factory.mktemp("postman")
    for path in HERE.iterdir():
        shutil.copy(path, folder)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    run(["npm", "ci", *quiet], folder)
    return folder


@pytest.fixture(scope="module")
def collection(tools, server):
    """The collection, with the URL of the server and a token of the administrator."""
    document = httpx.get(f"{server}/api/v1/openapi.json").text
    (tools / "openapi.json").write_text(document)
    convert = str(tools / "node_modules/.bin/openapi2postmanv2")
    options = "folderStrategy=Tags,parametersResolution=Example"
    run([convert, "-s", "openapi.json", "-o", "all.json", "-O", options], tools)
    made = json.loads((tools / "all.json").read_text())
    form = {"grant_type": "password", "client_id": "documentation"}
    form |= {"username": "root", "password": "q"}
    token = httpx.post(f"{server}/auth/oauth2/token", data=form).json()["access_token"]
    return {
        **made,
        "item": sorted(map(ticked, requests_of(made)), key=place),
        "variable": [{"key": "baseUrl", "value": f"{server}/api/v1"}],
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": token}]},
    }


def requests_of(folder):
    """Yield the requests but OPTIONS, whatever folder they are in."""
    for item in folder["item"]:
        if "item" in item:
            yield from requests_of(item)
        elif item["request"]["method"] != "OPTIONS":
            yield item


def ticked(item):
    """Return an item without what excludes others; the collection signs in."""
    request = {name: v for name, v in item["request"].items() if name != "auth"}
    query = [q for q in request["url"].get("query", []) if q["key"] not in UNTICKED]
    headers = [h for h in request["header"] if not h["key"].startswith("If-")]
    url = {**request["url"], "query": query}
    return {**item, "request": {**request, "header": headers, "url": url}}


def place(item):
    method, path = item["request"]["method"], path_of(item["request"])
    ends_token = method == "DELETE" and path.startswith(OWN_GRANTS)
    depth = path.count("/")
    return ends_token, ORDER.index(method), -depth if method == "DELETE" else depth


def path_of(request):
    return "/".join(request["url"]["path"])


def test_takes_each_request_of_the_collection(tools, collection):
    (tools / "collection.json").write_text(json.dumps(collection))
    newman = str(tools / "node_modules/.bin/newman")
    report = ["--reporters", "json", "--reporter-json-export", "report.json"]
    run([newman, "run", "collection.json", *report], tools)
    ran = json.loads((tools / "report.json").read_text())["run"]["executions"]
    answers = [
        (each["request"]["method"], path_of(each["request"]), each["response"]["code"])
        for each in ran
    ]
    assert len(answers) == len(collection["item"])
    refused = [
        (method, path, code)
        for method, path, code in answers
        if (code in NO_SUCH_REQUEST and not PROVEN.fullmatch(path)) or code >= 500
    ]
    assert refused == []
    made = {path for method, path, code in answers if code == 201}
    assert {path.removeprefix("api/v1/") for path in made} == {
        "auth/oauth2_clients/",
        "teams/",
        "teams/1/invitations/",
        "teams/1/members/",
        "users/",
        "users/me/factors/totp",
        "users/me/personal-tokens/",
    }
    # The last but one has revoked the grant. The name of the example is taken by then.
    others = {code for _, path, code in answers[:-1] if not PROVEN.fullmatch(path)}
    assert others <= {200, 201, 202, 204, 206, 404, 409}
