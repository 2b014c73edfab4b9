"""The tasks, as ``invoke`` runs them, on a database of their own."""

from functools import partial

import pytest
from invoke import Collection, Program

import tasks
from tests.commands.conftest import logging_as_it_was
from tests.conftest import ROOT
from tests.served import in_process


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
    """A function that runs a task in a process, as ``in_process`` says."""
    return partial(in_process, "invoke", url=url)
