"""What the command answers, does and refuses."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from apiserver import demo
from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.conftest import ROOT

INI = "testing.ini"


class TestIni:
    @pytest.mark.parametrize("name", ["missing.ini", "nowhere/missing.ini"])
    def test_missing_file_is_named(self, command, name):
        done = command("init-development-data", name)
        sentence = "development.ini and production.ini are examples"
        assert done == (1, "", f"There is no file {name}: {sentence}.\n")

    def test_unknown_setting_is_named(self, command, tmp_path):
        ini = tmp_path / "local.ini"
        ini.write_text(
            f"[app:main]\nuse = config:{ROOT}/testing.ini\napiserver.sign_up = open\n"
        )
        status, printed, error = command("init-development-data", str(ini))
        assert (status, printed) == (1, "")
        assert error.startswith("Unknown settings: apiserver.sign_up. Known are: ")


class TestInitDevelopmentData:
    def test_migrates_and_fills_an_empty_database(self, process, tmp_path):
        """Also by the settings of a server that would do so itself at its start."""
        url = f"sqlite:///{tmp_path}/database"
        done = process("init-development-data", "development.ini", url=url)
        assert done[:2] == (0, "The demo data is in the database.\n")

    def test_what_it_fills_in_works(self, command, app):
        done = command("init-development-data", INI)
        assert done == (0, "The demo data is in the database.\n", "")
        form = {
            "grant_type": "password",
            "client_id": demo.CLIENT_ID,
            "username": "root",
            "password": "q",
        }
        response = Client(app).call("POST", "/auth/oauth2/token", form=form)
        assert response.status_int == 200

    def test_refuses_a_database_that_has_users(self, command, db):
        factories.make_user(db, username="ada")
        db.close()
        done = command("init-development-data", INI)
        assert done == (1, "", "The database is not empty.\n")
        assert db.scalars(select(User.username)).all() == ["ada"]


class TestPurgeExpired:
    def test_deletes_what_has_expired_and_nothing_else(self, command, db):
        user = factories.make_user(db)
        for days in (-90, -90, 1):
            lifetime = timedelta(days=days)
            factories.make_token(db, user, scopes=["users:read"], lifetime=lifetime)
        db.close()
        status, printed, _ = command("purge-expired", INI, "--batch", "1")
        assert status == 0
        assert "oauth2_grant: 2 deleted\n" in printed
        assert len(db.scalars(select(OAuth2Grant)).all()) == 1
        assert len(db.scalars(select(OAuth2Token)).all()) == 1


class TestDatabase:
    def test_unreachable_one_is_an_error(self, command, tmp_path):
        url = f"sqlite:///{tmp_path}/missing/database"
        status, printed, error = command("purge-expired", INI, url=url)
        assert (status, printed) == (1, "")
        sentence = f"there is no folder {tmp_path}/missing. Set DATABASE_URL"
        assert sentence in error


class TestHelp:
    def test_shows_the_commands(self, process):
        status, printed, _ = process("--help")
        assert status == 0
        assert re.findall(r"^    ([a-z-]+)(?:  |$)", printed, re.MULTILINE) == [
            "init-development-data",
            "create-user",
            "create-client",
            "set-password",
            "rotate-secret",
            "revoke",
            "purge-expired",
        ]
