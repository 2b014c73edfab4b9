"""Serving by a task, and the shell: as a developer starts and leaves them."""

import os
import shutil
import socket
from contextlib import ExitStack
from importlib import import_module

import httpx
import pytest

from tests.conftest import ROOT
from tests.doors import Door, logging_as_it_was, run_command
from tests.factories import PASSWORD
from tests.served import BIN, Program, clean_environment
from tests.typed import Terminal

SIGN_IN = {
    "grant_type": "password",
    "client_id": "documentation",
    "username": "root",
    "password": "q",
}


@pytest.fixture
def environment(tmp_path):
    """An environment whose database was never migrated."""
    return clean_environment(DATABASE_URL=f"sqlite:///{tmp_path}/database")


@pytest.fixture
def taken():
    """A port at which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def serve(environment, tmp_path):
    """A function that starts the task; it returns the URL of the server."""
    log = tmp_path / "server.log"
    with ExitStack() as stack:

        def start(*arguments):
            command = ["invoke", "app.run", "--port=0", *arguments]
            program = Program(command, log, environment=environment)
            return stack.enter_context(program).url()

        yield start


class TestRun:
    @pytest.mark.slow
    def test_migrates_fills_and_serves(self, serve):
        """A child serves, which pserve --reload watches over."""
        url = serve()
        answer = httpx.post(f"{url}/auth/oauth2/token", data=SIGN_IN)
        assert answer.status_code == 200

    def test_migrates_only_when_told_so(self, invoke, monkeypatch, tmp_path):
        """There is nobody to serve: what comes after the migration is refused."""
        database = tmp_path / "database"
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
        monkeypatch.setattr("tasks.console.become", lambda *command: None)
        assert invoke("app.run", "--port=0", "--no-upgrade-db")[0] == 0
        assert not database.exists()
        assert invoke("app.run", "--port=0")[0] == 0
        assert database.exists()

    def test_becomes_the_server_of_the_settings(self, invoke, monkeypatch):
        commands = []
        monkeypatch.setattr("tasks.console.become", lambda *c: commands.append(c))
        monkeypatch.setattr("tasks.app.run.check_addresses", lambda listen: None)
        assert invoke("app.run", "--ini=testing.ini")[0] == 0
        assert invoke("app.run", "--host", "::1", "--no-reload")[0] == 0
        assert commands == [
            ("pserve", "testing.ini", "--server-name=main", "--reload"),
            (
                *("pserve", "development.ini", "host=::1", "port=5000"),
                *("--app-name=address", "--server-name=address"),
            ),
        ]

    @pytest.mark.parametrize("port", ["70000", "x", "-1"])
    def test_refuses_what_is_no_port(self, invoke, port):
        assert invoke("app.run", f"--port={port}") == (
            1,
            "",
            f"{port} is not a port: use one from 1 to 65535.\n",
        )

    def test_says_that_a_port_is_taken(self, invoke, taken):
        status, printed, error = invoke("app.run", "--port", str(taken))
        assert (status, printed) == (1, "")
        assert error == (
            f"Can't listen on 127.0.0.1:{taken}: the address is in use; stop what "
            "uses it, or use another port (make run PORT=5001).\n"
        )

    def test_says_that_a_host_is_none(self, invoke):
        status, _, error = invoke("app.run", "--host=host.invalid", "--port=0")
        assert status == 1
        assert error.startswith("Can't listen on host.invalid:0: ")

    def test_says_that_the_settings_take_no_address(self, invoke):
        status, _, error = invoke("app.run", "--ini=testing.ini", "--port=0")
        sentence = (
            "testing.ini has no section [server:address]: "
            "development.ini and production.ini are examples."
        )
        assert (status, error) == (1, sentence + "\n")


@pytest.fixture
def shell(environment, tmp_path):
    """A function that opens IPython in a terminal, with a history of its own."""
    more = {"IPYTHONDIR": str(tmp_path), "TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"}
    terminals = []

    def enter(*command):
        terminal = Terminal(*command, cwd=ROOT, env={**environment, **more})
        terminals.append(terminal)
        terminal.wait_for("In [1]:")
        return terminal

    yield enter
    for terminal in terminals:
        terminal.type("exit()")
        assert terminal.process.wait(timeout=30) == 0
        os.close(terminal.ours)


class TestEnter:
    @pytest.mark.slow
    def test_offers_request_session_and_models(self, shell):
        terminal = shell(BIN / "pshell", "development.ini")
        assert "db.commit() keeps changes" in terminal.shown
        terminal.type("request.db is db and db.add(Team(title='Eng'+'ineers'))")
        terminal.type("db.commit()")
        terminal.type("db.scalars(sa.select(Team.title)).all()")
        terminal.wait_for("['Engineers']")

    @pytest.mark.slow
    def test_migrates_and_lets_the_server_write(
        self, shell, environment, capsys, monkeypatch
    ):
        """Who only looks takes no lock."""
        terminal = shell(BIN / "invoke", "app.env.enter")
        assert "db.commit() keeps changes" in terminal.shown
        terminal.type("db.scalars(sa.select(User.username)).all()")
        terminal.wait_for("'documentation']")
        command = Door(run_command, environment["DATABASE_URL"], capsys, monkeypatch)
        options = ("--username=ada", "--email=ada@example.com")
        done = command(
            "create-user", "development.ini", *options, answer=f"{PASSWORD}\n"
        )
        assert done[0] == 0, done

    def test_names_settings_that_are_wrong(self, invoke):
        done = invoke("app.env.enter", "--ini=missing.ini", "--no-upgrade-db")
        assert done[:2] == (1, "")
        assert done[2].startswith("There is no file missing.ini: ")


@pytest.mark.slow
class TestPyramidsCommands:
    """Those that developers know from elsewhere."""

    @pytest.fixture
    def run(self, environment, monkeypatch, capsys):
        """A function that runs one in this process; returns what it prints."""
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])

        def run(command, *arguments):
            program = import_module(f"pyramid.scripts.{command}")
            with logging_as_it_was():
                program.main([command, "development.ini", *arguments], quiet=False)
            return capsys.readouterr().out

        return run

    def test_proutes_lists_the_endpoints(self, run):
        assert "/api/v1/teams/{team_id}" in run("proutes")

    @pytest.mark.parametrize(
        ("url", "view"),
        [
            ("/api/v1/teams/", "apiserver.teams.views.list_teams"),
            ("/api/v1/users/1", "apiserver.users.views.get_user"),
        ],
    )
    def test_pviews_finds_the_view_of_a_url(self, run, url, view):
        assert view in run("pviews", url)

    def test_ptweens_lists_the_tweens_in_order(self, run):
        printed = run("ptweens")
        guard = printed.index("apiserver.core.http.guard.guard_tween")
        assert guard < printed.index("pyramid_tm.tm_tween_factory")

    def test_there_is_a_shell_for_pshell(self):
        assert shutil.which("ipython", path=BIN)
