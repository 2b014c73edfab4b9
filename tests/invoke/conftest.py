"""The tasks, as ``invoke`` runs them, on a database of their own."""

import subprocess

import pytest
from invoke import Collection, Program

import tasks
from tests.commands.conftest import logging_as_it_was
from tests.conftest import ROOT
from tests.served import BIN, clean_environment


@pytest.fixture
def url(tmp_path):
    """The URL of a database that is not even migrated."""
    return f"sqlite:///{tmp_path}/tasks.db"


@pytest.fixture
def invoke(url, capsys, monkeypatch):
    """A function that runs a task in this process; status, output and errors."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DATABASE_URL", url)
    program = Program(namespace=Collection.from_module(tasks), binary_names=["invoke"])

    def run(*arguments):
        with logging_as_it_was():
            status = status_of(program, arguments)
        return status, *capsys.readouterr()

    return run


def status_of(program, arguments):
    try:
        program.run(["invoke", *arguments])
    except SystemExit as end:
        return end.code
    return 0


@pytest.fixture
def process(url):
    """A function that runs a task in a process, which has no terminal.

    It returns status, output and errors; a password is read from the ``answer``.
    """

    def run(*arguments, answer="", url=url):
        done = subprocess.run(  # noqa: S603
            [BIN / "invoke", *arguments],
            cwd=ROOT,
            env=clean_environment(DATABASE_URL=url),
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            start_new_session=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run
