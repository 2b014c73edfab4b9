"""A server as it is in development, and clients that are generated for it."""

import importlib
import sys
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.clients.workshop import Workshop
from tests.forked import serve
from tests.served import clean_environment, development_ini


@pytest.fixture(scope="session")
def workshop(tmp_path_factory, worker_id):
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        # The folder of the whole run; each worker has one of its own below.
        folder = folder.parent
    return Workshop(folder / "workshop")


@pytest.fixture(scope="session")
def server(tmp_path_factory, make_database):
    """The URL of a server of development.ini, with the demo data."""
    ini = development_ini(tmp_path_factory.mktemp("served"))
    environment = clean_environment(DATABASE_URL=make_database())
    with serve(ini, environment) as url:
        yield url


@pytest.fixture(scope="session")
def installed(workshop):
    return workshop.install("python")


@pytest.fixture(scope="module")
def sdk(installed):
    """The client in Python: the package, and its modules as attributes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(installed))
        for module in ("exceptions", "oauth2"):
            importlib.import_module(f"apiserver_client.{module}")
        yield sys.modules["apiserver_client"]


@pytest.fixture
def session(sdk, server):
    """A session in which nobody is signed in."""
    return sdk.oauth2.OAuth2Session(server, client_id="documentation")


@pytest.fixture
def client(sdk, session):
    """The client of the administrator."""
    session.sign_in("root", "q")
    with sdk.ApiClient(session.configuration()) as client:
        yield client


@pytest.fixture
def pass_time(sdk, monkeypatch):
    """A function that lets time pass for the client alone."""

    def pass_time(**interval):
        shift = timedelta(**interval).total_seconds()
        clock = SimpleNamespace(time=lambda: time.time() + shift)
        monkeypatch.setattr(sdk.oauth2, "time", clock)

    return pass_time


@pytest.fixture
def team(sdk, client):
    teams = sdk.TeamsApi(client)
    team = teams.create_team(sdk.TeamCreate(title="Engineers"))
    yield team
    teams.delete_team(team.id)
