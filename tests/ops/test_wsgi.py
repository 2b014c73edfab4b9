"""The application as web servers import it."""

import gc
import shutil

import pytest

from apiserver.wsgi import make_application
from tests.client import Client
from tests.conftest import ROOT
from tests.doors import logging_as_it_was

HEALTHY = {"status": "ok"}


@pytest.fixture(autouse=True)
def own_logging():
    with logging_as_it_was():
        yield


class TestMakeApplication:
    def test_is_of_the_file_that_the_environment_names(self, monkeypatch, database_url):
        monkeypatch.setenv("INI_FILE", str(ROOT / "testing.ini"))
        monkeypatch.setenv("DATABASE_URL", database_url)
        client = Client(make_application())
        assert client.call("GET", "/healthz").json == HEALTHY

    def test_is_of_production_otherwise(self, monkeypatch, tmp_path, database_url):
        shutil.copy(ROOT / "testing.ini", tmp_path / "production.ini")
        shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("DATABASE_URL", database_url)
        client = Client(make_application())
        assert client.call("GET", "/healthz").json == HEALTHY

    def test_is_no_work_for_the_garbage_collector(self, monkeypatch, database_url):
        monkeypatch.setenv("INI_FILE", str(ROOT / "testing.ini"))
        monkeypatch.setenv("DATABASE_URL", database_url)
        frozen = gc.get_freeze_count()
        make_application()
        assert gc.get_freeze_count() > frozen + 10_000
        assert gc.isenabled()
