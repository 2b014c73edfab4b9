"""PostgreSQL: who shares an account's row doesn't overtake who waits to change it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.core.tree import KEY
from apiserver.users.gates import passed
from apiserver.users.models import User
from apiserver.users.resources import LOCK_ALL, LOCK_ONE
from tests import factories

SHARE = select(User.id).where(passed(KEY), User.id == KEY).with_for_update(read=True)
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture(scope="module")
def engine(own_postgresql):
    url = own_postgresql.make_database()
    own_postgresql.migrate(url)
    engines = make_engines(url)
    yield engines[0]
    for engine in engines:
        engine.dispose()


@pytest.fixture
def in_turn(engine):
    """A function that executes statements by transactions of their own, one by one.

    Each begins when those before it wait. Returns their numbers as they got on.
    """

    def run(first, *others):
        got = []
        with engine.connect() as connection, ThreadPoolExecutor(len(others)) as threads:
            connection.execute(*first)
            for number, statement in enumerate(others):
                threads.submit(execute, number, statement, got)
                wait_for(number + 1, got)
            assert got == []
            connection.rollback()
        return got

    def execute(number, statement, got):
        with engine.begin() as connection:
            connection.execute(*statement)
            got.append(number)

    def wait_for(number, got):
        with engine.connect() as connection:
            while not got and connection.scalar(WAITING) < number:
                pass

    return run


@pytest.mark.slow
class TestGate:
    @pytest.mark.parametrize("kind", ["regular", "admin"])
    @pytest.mark.parametrize("change", [LOCK_ONE, LOCK_ALL])
    def test_lets_in_order(self, in_turn, engine, kind, change):
        with Session(engine, expire_on_commit=False) as db:
            account = factories.make_user(db, kind).id
        share = SHARE, {"key": account}
        changed = change, {"key": account, "caller": None}
        assert in_turn(share, changed, share) == [0, 1]
