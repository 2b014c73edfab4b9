"""The command ``apiserver``, on a database of its own, emptied after each test."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from apiserver.core.db import Base
from tests.doors import Door, run_command, run_task
from tests.settings import SETTINGS, shipped_ini


@pytest.fixture(scope="package")
def url(make_database):
    return make_database()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with ini files as they are shipped: a project has its own settings."""
    folder = tmp_path_factory.mktemp("shipped")
    for name in SETTINGS:
        (folder / name).write_text(shipped_ini(name), "utf-8")
    return folder


@pytest.fixture
def command(url, folder, capsys, monkeypatch):
    """A function that runs the command; status, output and errors."""
    door = Door(run_command, url, capsys, monkeypatch)
    monkeypatch.chdir(folder)
    return door


@pytest.fixture
def invoke(url, folder, capsys, monkeypatch):
    """A function that runs a task; status, output and errors."""
    door = Door(run_task, url, capsys, monkeypatch)
    monkeypatch.chdir(folder)
    return door


@pytest.fixture(scope="package")
def app(make_app, url):
    return make_app(url)


@pytest.fixture(autouse=True)
def db(app):
    """A session; a test closes it before the command writes, as SQLite demands."""
    engine = app.registry.engine
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        session.commit()


@pytest.fixture
def rows(db):
    """A function that counts the rows of each table that has some."""

    def count():
        db.rollback()
        tables = Base.metadata.sorted_tables
        numbers = {
            table.name: db.scalar(select(func.count()).select_from(table))
            for table in tables
        }
        db.rollback()
        return {name: number for name, number in numbers.items() if number}

    return count
