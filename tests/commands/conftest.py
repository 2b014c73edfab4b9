"""The command ``apiserver``, on a database of its own."""

import logging
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy.orm import Session

from apiserver import commands
from tests.conftest import ROOT
from tests.served import in_process


@pytest.fixture
def url(make_database):
    return make_database()


@pytest.fixture
def process(url):
    """A function that runs the command in a process, as ``in_process`` says."""
    return partial(in_process, "apiserver", url=url)


@pytest.fixture
def command(url, capsys, monkeypatch):
    """A function that runs the command in this process, which takes less time."""
    monkeypatch.chdir(ROOT)

    def run(*arguments, url=url):
        monkeypatch.setenv("DATABASE_URL", url)
        with logging_as_it_was():
            status = commands.main(arguments)
        return status, *capsys.readouterr()

    return run


@contextmanager
def logging_as_it_was():
    """Undo the logging that an ini file configures."""
    loggers = [logging.getLogger(name) for name in ("", "apiserver", "alembic")]
    before = [(logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def app(make_app, url):
    return make_app(url)


@pytest.fixture
def db(app):
    engine = app.registry.write_sessions.kw["bind"]
    with Session(engine, expire_on_commit=False) as session:
        yield session
