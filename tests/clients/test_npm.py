"""The clients in TypeScript and JavaScript: compiled, and run by Node.js."""

import json

import pytest

from apiserver.demo import CLIENT_SECRET, REDIRECT_URI
from tests.clients.browser import sign_in
from tests.clients.workshop import GENERATOR, VERSION, program, run
from tests.markdown import ROOT, blocks
from tests.tools import needs

pytestmark = needs(GENERATOR, "node", "npm")

HERE = ROOT / "tests/clients"
LANGUAGES = ("typescript-fetch", "typescript-axios", "javascript")


def code_of(document, *languages):
    """Return the code of a document, in one piece."""
    return "".join(b.text for b in blocks(document) if b.language in languages)


class TestStory:
    def test_of_typescript_fetch(self, workshop, server, tmp_path):
        package = workshop.build("typescript-fetch")
        source = (HERE / "story.ts").read_text("utf-8")
        script = program(package, tmp_path / "story", source, "story.ts")
        printed = run(["node", script, server, CLIENT_SECRET], tmp_path)
        blamed = {"location": "body", "name": "title"}
        refused = [422, [{**blamed, "description": "Must be a string."}]]
        no_value = [
            {**blamed, "name": "0", "description": "The replace needs a value."}
        ]
        assert json.loads(printed) == {
            "wrong": "invalid_grant",
            "listed": ["root", "user"],
            "total": 4,
            "title": "Engineers",
            "isDate": True,
            "members": [["root", True]],
            "renamed": "Analysts",
            "refused": [*[refused] * 6, [422, no_value]],
            "leader": True,
            "method": None,
            "uris": ["https://example.com/b"],
            "forbidden": [403, "Only for administrators."],
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

    def test_of_a_sign_in_by_a_browser(self, workshop, server, tmp_path):
        package = workshop.build("typescript-fetch")
        source = (HERE / "browser.ts").read_text("utf-8")
        script = program(package, tmp_path / "browser", source, "browser.ts")
        begin = ["node", script, server, REDIRECT_URI]
        begun = json.loads(run(begin, tmp_path))
        url, kept = sign_in(begun["url"], "user", "w"), json.dumps(begun["kept"])
        assert run([*begin, url, kept], tmp_path) == "user\n"


class TestPackage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_readme_is_true(self, workshop, server, tmp_path, language):
        package = workshop.build(language)
        source = code_of(package / "README.md", "ts", "js")
        source = source.replace("http://127.0.0.1:5000", server)
        suffix = "js" if language == "javascript" else "ts"
        script = program(package, tmp_path / "readme", source, f"readme.{suffix}")
        printed = run(["node", script], tmp_path)
        assert "Must be at least 3 long." in printed

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_its_name_and_version(self, workshop, language):
        about = json.loads((workshop.build(language) / "package.json").read_text())
        assert (about["name"], about["version"]) == ("apiserver-client", VERSION)

    def test_documentation_is_true(self, workshop, server, tmp_path):
        package = workshop.build("typescript-fetch")
        source = code_of(ROOT / "docs/clients.md", "ts")
        source = source.replace("http://127.0.0.1:5000", server)
        script = program(package, tmp_path / "docs", source, "docs.ts")
        printed = run(["node", script], tmp_path).splitlines()
        assert printed[0] == "root"
        assert printed[-2:] == ["body title Must be at least 3 long.", "true"]
