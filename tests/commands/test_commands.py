"""What the command answers, does and refuses, whichever it is."""

import re
from datetime import timedelta
from importlib import metadata

import pytest
from sqlalchemy import select

from apiserver import commands, demo
from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.users.models import User
from tests import factories
from tests.client import Client

pytestmark = pytest.mark.usefixtures("pure")

INI = ("-i", "testing.ini")
NAMES = [
    *("init-development-data", "create-user", "create-client", "set-password"),
    *("delete-user", "rotate-secret", "revoke", "remove-factors", "reseal-factors"),
    *("worker", "list-jobs", "retry-jobs", "delete-jobs", "send-test-mail"),
    *("purge-expired", "reset"),
]
# Marks of reStructuredText: literals, roles, directives, literal blocks.
MARKUP = re.compile(r"``|:\w+:`|\.\. \w+::|::\s")


class TestIni:
    @pytest.mark.parametrize(
        "given", [("-i", "{}"), ("--ini", "{}"), ("--ini={}",), ("{}",)]
    )
    def test_is_named_in_any_way(self, command, given):
        given = [each.format("nowhere/own.ini") for each in given]
        done = command("purge-expired", *given)
        sentence = "development.ini and production.ini are examples"
        assert done == (1, "", f"There is no file nowhere/own.ini: {sentence}.\n")

    @pytest.mark.parametrize("name", NAMES)
    def test_is_named_by_every_command(self, command, name):
        sentence = f"Give the ini file, for example apiserver {name} -i production.ini."
        assert command(name) == (1, "", f"{sentence} See apiserver {name} --help.\n")

    @pytest.mark.parametrize(
        "given", [("-i", "a", "b"), ("-i", "a", "-i", "b"), ("a", "--ini=b")]
    )
    def test_is_one(self, command, given):
        sentence = "Give only one ini file. See apiserver revoke --help.\n"
        assert command("revoke", *given) == (1, "", sentence)


class TestInitDevelopmentData:
    @pytest.mark.parametrize("ini", ["testing.ini", "development.ini"])
    def test_what_it_fills_in_works(self, command, app, ini):
        """Also by the settings of a server that would do so itself at its start."""
        done = command("init-development-data", "-i", ini)
        assert done[:2] == (0, "The demo data is loaded.\n")
        form = {
            "grant_type": "password",
            "client_id": demo.CLIENT_ID,
            "username": "root",
            "password": "q",
        }
        response = Client(app).call("POST", "/auth/oauth2/token", form=form)
        assert response.status_int == 200

    def test_migrates_an_empty_database(self, command, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/database")
        done = command("init-development-data", *INI)
        assert done == (0, "The demo data is loaded.\n", "")

    def test_refuses_a_database_that_has_users(self, command, db):
        factories.make_user(db, username="ada")
        db.close()
        done = command("init-development-data", *INI)
        assert done == (1, "", "The database is not empty.\n")
        assert db.scalars(select(User.username)).all() == ["ada"]


class TestPurgeExpired:
    @pytest.fixture
    def expired(self, db):
        user = factories.make_user(db)
        for days in (-90, -90, 1):
            lifetime = timedelta(days=days)
            factories.make_token(db, user, scopes=["users:read"], lifetime=lifetime)
        db.close()

    @pytest.mark.parametrize("batch", [(), ("--batch", "1"), ("--batch=1000000",)])
    def test_deletes_what_has_expired_and_nothing_else(
        self, command, db, expired, batch
    ):
        status, printed, _ = command("purge-expired", *INI, *batch)
        assert status == 0
        assert "oauth2_grant: 2 deleted\n" in printed
        assert len(db.scalars(select(OAuth2Grant)).all()) == 1
        assert len(db.scalars(select(OAuth2Token)).all()) == 1

    @pytest.mark.parametrize(
        ("batch", "sentence"),
        [
            ("0", "Must be at least 1."),
            ("1000001", "Must be at most 1000000."),
            ("1_0", "Must be an integer."),
            ("9" * 5000, "Must be an integer."),
        ],
    )
    def test_takes_a_number_of_rows(self, command, rows, expired, batch, sentence):
        before = rows()
        status, printed, error = command("purge-expired", *INI, f"--batch={batch}")
        assert (status, printed) == (1, "")
        assert re.fullmatch(rf"--batch \S+: {re.escape(sentence)}\n", error)
        assert rows() == before


class TestHelp:
    def test_shows_the_commands(self, command):
        status, printed, error = command("--help")
        assert (status, error) == (0, "")
        assert re.findall(r"^    ([a-z-]+)(?:  |$)", printed, re.MULTILINE) == NAMES
        assert not MARKUP.search(printed)

    @pytest.mark.parametrize("name", NAMES)
    def test_describes_each_option(self, command, name):
        status, printed, error = command(name, "--help")
        assert (status, error) == (0, "")
        options = printed.partition("options:\n")[2]
        # An option that is described has its text beside it, or on the next line.
        described = re.findall(
            r"^  (-[^\n]*?)(?:  +|\n {10,})[\w(]", options, re.MULTILINE
        )
        listed = [line for line in options.splitlines() if line.startswith("  -")]
        assert len(described) == len(listed) >= 2
        assert commands.COMMANDS[name].help.split(".")[0] in " ".join(printed.split())
        assert not MARKUP.search(printed)


class TestVersion:
    def test_is_that_of_the_installation(self, command):
        version = metadata.version("apiserver")
        assert command("--version") == (0, f"apiserver {version}\n", "")


class TestMistakes:
    COMMAND = (
        "Give a command first, for example apiserver create-user -i production.ini."
    )
    PASSWORD = (
        "A password is never an option, which others could see: type it when asked, "
        "or pipe it in."
    )

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), COMMAND),
            (("",), COMMAND),
            (("-i", "testing.ini", "revoke"), COMMAND),
            (("--wings",), COMMAND),
            (("fly",), f"Unknown command fly: choose from {', '.join(NAMES)}."),
            (("revoke", *INI, "--wings=2"), "Unknown option --wings."),
            (("revoke", *INI, "--wings", "2"), "Unknown option --wings."),
            (("revoke", *INI, "-u", "ada"), "Unknown option -u."),
            # No abbreviations: a later option could take their meaning.
            (("revoke", *INI, "--use", "ada"), "Unknown option --use."),
            (("revoke", "testing.ini", "a", "b"), "Too many arguments."),
            (("revoke", *INI, "--user"), "--user: expected one argument."),
            (("create-user", *INI, "--password", "sesame"), PASSWORD),
            (("set-password", *INI, "--password=sesame"), PASSWORD),
            (("revoke", *INI, "--user", "\udcff"), "An argument is not valid UTF-8."),
        ],
    )
    def test_is_said_in_a_sentence(self, command, arguments, sentence):
        status, printed, error = command(*arguments)
        assert (status, printed) == (1, "")
        assert re.fullmatch(rf"{re.escape(sentence)} See apiserver.* --help\.\n", error)
        assert "sesame" not in error
