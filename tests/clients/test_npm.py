"""The clients in TypeScript and JavaScript: compiled, and run by Node.js."""

import json

import pytest

from apiserver.demo import CLIENT_SECRET, REDIRECT_URI
from tests.clients.browser import sign_in
from tests.clients.workshop import GENERATOR, VERSION, programs, run
from tests.markdown import ROOT, blocks
from tests.tools import needs

pytestmark = needs(GENERATOR, "node", "npm")

HERE = ROOT / "tests/clients"
OWN = ("story", "browser")
LANGUAGES = ("typescript-fetch", "typescript-axios", "javascript")


def code_of(document, *languages):
    """Return the code of a document, in one piece."""
    return "".join(b.text for b in blocks(document) if b.language in languages)


@pytest.fixture(scope="module")
def run_by_fetch(workshop, server, tmp_path_factory):
    """A function that runs one of the programs that use the client by ``fetch``."""
    package = workshop.build("typescript-fetch")
    sources = {f"{name}.ts": (HERE / f"{name}.ts").read_text() for name in OWN}
    documents = {"readme": package / "README.md", "docs": ROOT / "docs/clients.md"}
    for name, document in documents.items():
        source = code_of(document, "ts", "js")
        sources[f"{name}.ts"] = source.replace("http://127.0.0.1:5000", server)
    folder = tmp_path_factory.mktemp("programs") / "own"
    folder = programs(package, folder, sources)
    return lambda name, *arguments: run(
        ["node", str(folder / f"{name}.js"), *arguments], folder
    )


class TestStory:
    def test_of_typescript_fetch(self, run_by_fetch, server):
        printed = run_by_fetch("story", server, CLIENT_SECRET)
        blamed = {"location": "body", "name": "title"}
        refused = [422, [{**blamed, "description": "Must be a string."}]]
        no_value = [
            {
                **blamed,
                "name": "0",
                "description": "The replace operation requires a value.",
            }
        ]
        assert json.loads(printed) == {
            "wrong": "invalid_grant",
            "listed": ["root", "user"],
            "isTotal": True,
            "title": "Engineers",
            "isDate": True,
            "isFound": True,
            "members": [["root", True]],
            "renamed": "Analysts",
            "refused": [*[refused] * 6, [422, no_value]],
            "leader": True,
            "method": None,
            "uris": ["https://example.com/b"],
            "forbidden": [403, "Only administrators may do this."],
            "gone": True,
            "missing": "Not Found",
            "me": "root",
            "renewed": True,
            "ownRefreshToken": None,
            "ownRenewed": True,
            "recaptcha": None,
            "ended": ["invalid_grant", "login_required"],
            "signedOut": "login_required",
        }

    def test_of_a_sign_in_by_a_browser(self, run_by_fetch, server):
        begin = ("browser", server, REDIRECT_URI)
        begun = json.loads(run_by_fetch(*begin))
        url, kept = sign_in(begun["url"], "user", "w"), json.dumps(begun["kept"])
        assert run_by_fetch(*begin, url, kept) == "user\n"


class TestPackage:
    def test_readme_of_fetch_is_true(self, run_by_fetch):
        assert "Must be at least 3 characters long." in run_by_fetch("readme")

    @pytest.mark.parametrize("language", LANGUAGES[1:])
    def test_readme_is_true(self, workshop, server, tmp_path, language):
        package = workshop.build(language)
        source = code_of(package / "README.md", "ts", "js")
        source = source.replace("http://127.0.0.1:5000", server)
        suffix = "js" if language == "javascript" else "ts"
        folder = tmp_path / "readme"
        programs(package, folder, {f"readme.{suffix}": source})
        printed = run(["node", "readme.js"], folder)
        assert "Must be at least 3 characters long." in printed

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_its_name_and_version(self, workshop, language):
        about = json.loads((workshop.build(language) / "package.json").read_text())
        assert (about["name"], about["version"]) == ("apiserver-client", VERSION)

    def test_documentation_is_true(self, run_by_fetch):
        printed = run_by_fetch("docs").splitlines()
        assert printed[0] == "root"
        assert printed[-2:] == [
            "body title Must be at least 3 characters long.",
            "true",
        ]
