"""The laws of the code that a program can check; CONTRIBUTING.md has all of them."""

import ast
import re
from pathlib import Path

import pytest

from tasks.feature.names import MEANINGLESS
from tests.gone import GONE
from tests.settings import SHIPPED

ROOT = Path(__file__).parent.parent / "apiserver"
# Migrations are written by Alembic.
FILES = sorted(set(ROOT.rglob("*.py")) - set(ROOT.glob("*/migrations/*.py")))
# Others have the files that they want.
FEATURES = [ROOT / name for name in SHIPPED.split()]

FEATURE_FILES = {
    "__init__",
    "models",
    "permissions",
    "resources",
    "schemas",
    "actions",
    "jobs",
    "views",
    "pages",
}
# What a feature has besides, and why it is at home in none of these.
MORE_FILES = {
    "addresses/asking": "what people ask for, and a worker does; views and pages",
    "auth/acr": "how well a user has proven who it is; policy and pages ask",
    "auth/browser": "what a browser sees: pages, sessions, where it may be sent",
    "auth/oauth": "the endpoints that OAuth2 defines: oauthlib, wrapped",
    "auth/owners": "whose a client is, and how it is handed over; views ask",
    "auth/policy": "from a bearer token to the caller; core asks it",
    "auth/tokens": "how secrets are made and stored; models and pages use it",
    "account/changes": "what pages change of an account, by the rules of PATCH",
    "account/data": "the download of what is stored; endpoints and pages send it",
    "account/history": "what users are told of the audit log; endpoints and pages",
    "account/notices": "mails about a deletion, where there is mail",
    "factors/guessing": "limits guessing at codes; views and pages count",
    "factors/passkeys": "what browsers are asked, and answer: webauthn, wrapped",
    "factors/proofs": "codes and signatures, each used once; views and pages ask",
    "factors/recovery": "how recovery codes are made and compared",
    "factors/sealing": "encrypts the secrets that have to be read again",
    "factors/standing": "who has a factor and who must have one; auth asks it, too",
    "factors/totp": "codes by the time, and QR codes",
    "auth/strength": "what accounts need besides a password; features say it",
    "invitations/preparing": "what takes long, before views lock anything",
    "mail/bounds": "how many mails there may be; views and jobs ask",
    "mail/notices": "what a user is told of their account; other features notify",
    "mail/declared": "which mails there are, and the words of their templates",
    "mail/sending": "a mail on its way; jobs of all features call it",
    "mail/showing": "the pages of development",
    "mail/shown": "what these pages show, since nothing sends it",
    "mail/smtp": "what is said to a mail server, and by it",
    "personal_tokens/callers": "who calls with such a token; the policy of auth asks",
    "providers/clients": "what a client of any provider does; both kinds are one",
    "providers/declared": "which providers there are, as the settings say",
    "providers/github": "the client of GitHub",
    "providers/openid": "the client of OpenID Connect: Authlib, wrapped",
    "providers/states": "browsers on their way, and identities that wait; pages ask",
    "providers/talking": "requests to providers, which are bounded",
    "sessions/browsers": "what a browser is called; lists of sessions show it",
    "teams/leaders": "that a team keeps a leader; events of accounts ask it, too",
    "teams/rows": "what is read of teams; resources, actions and views share it",
    "users/asking": "asks servers of others, which may be slow; captchas and providers",
    "users/captcha": "asks a captcha's provider",
    "users/gates": "who waits to change an account gets it; who shares one passes",
    "users/hashing": "the one slow thing, with a gate in front of it",
    "users/events": "what other features may listen to",
    "users/names": "how names of accounts are compared; models and schemas ask",
    "users/password_rules": "which new passwords are taken; schemas and commands ask",
    "users/passwords": "who has which password; every door with one asks",
    "users/personal_data": "what features have of a user, for the download",
    "users/preparing": "what takes long, before views lock anything",
    "users/throttle": "counts the attempts at every door, of users and of clients",
}

# A longer name than the nine letters of the shipped one breaks some lines in two.
LONGER = max(0, len(ROOT.name) - 9)
MOST_LINES_OF_FILE = 300 + LONGER
MOST_LINES_OF_FUNCTION = 25 + LONGER
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path):
    return str(path.relative_to(ROOT.parent))


TREES = {name_of(path): ast.parse(path.read_text("utf-8")) for path in FILES}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, FUNCTION)]


def length(function):
    """Return the lines of a function without its docstring."""
    docstring = ast.get_docstring(function)
    documented = len(docstring.splitlines()) if docstring else 0
    return function.end_lineno - function.lineno + 1 - documented


class TestFile:
    def test_says_what_belongs_there(self):
        assert [
            name for name, tree in TREES.items() if not ast.get_docstring(tree)
        ] == []

    def test_is_short(self):
        lengths = {path: len(path.read_text("utf-8").splitlines()) for path in FILES}
        assert {p: n for p, n in lengths.items() if n > MOST_LINES_OF_FILE} == {}

    def test_has_short_functions(self):
        lengths = {
            (name, function.name): length(function)
            for name, tree in TREES.items()
            for function in functions(tree)
        }
        assert {f: n for f, n in lengths.items() if n > MOST_LINES_OF_FUNCTION} == {}

    def test_imports_at_its_top_alone(self):
        inside = [
            (name, ast.unparse(node))
            for name, tree in TREES.items()
            for function in functions(tree)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert inside == []

    def test_has_a_name_that_says_something(self):
        names = {part for path in FILES for part in (path.stem, path.parent.name)}
        assert names & MEANINGLESS == set()

    def test_leaves_the_commit_to_the_end_of_the_request(self):
        """Where requests and jobs get their transactions, it is said when they end."""
        committing = [
            name
            for name, tree in TREES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "commit"
        ]
        assert set(committing) <= {
            "apiserver/core/db/transactions.py",
            "apiserver/core/jobs/running.py",
        }

    def test_denies_nothing(self):
        """The first match wins from the leaf up: a denial would come too late."""
        denying = [
            name
            for name, tree in TREES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and node.module == "pyramid.authorization"
            and any(alias.name in {"Deny", "DENY_ALL", "*"} for alias in node.names)
        ]
        assert denying == []


class TestFeature:
    @pytest.mark.parametrize("feature", FEATURES, ids=name_of)
    def test_has_the_same_files_as_every_other(self, feature):
        prefix = feature.name + "/"
        more = {n.removeprefix(prefix) for n in MORE_FILES if n.startswith(prefix)}
        modules = {path.stem for path in feature.glob("*.py")}
        packages = {path.parent.name for path in feature.glob("*/__init__.py")}
        assert modules | packages <= FEATURE_FILES | more

    def test_has_the_files_that_are_said_to_be_more(self):
        there = {str(path.relative_to(ROOT).with_suffix("")) for path in FILES}
        there |= {str(path.parent.relative_to(ROOT)) for path in FILES}
        said = {name for name in MORE_FILES if name.split("/")[0] not in GONE}
        assert said <= there


class TestCore:
    def test_knows_no_path_of_signing_in(self):
        """What a route needs besides is said where it is made."""
        core = ROOT / "core"
        written = [*core.rglob("*.py"), *core.rglob("*.jinja2")]
        names = {
            name_of(path)
            for path in written
            if re.search(r"\bauth\b", path.read_text("utf-8"))
        }
        assert names == set()
