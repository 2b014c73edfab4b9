"""Rights are taken while four processes write by them: then nothing more is written.

``--rounds`` says how often. A round sends all that somebody may write at once, to what
comes with the project and to a feature as the generator makes it; meanwhile he loses
his rights, and what is stored at the moment of that response is what is stored in the
end.
"""

from collections import Counter
from threading import Thread
from time import sleep

import pytest
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from tests.clone.copies import Copy, made_once
from tests.faults.scenes import FEATURE, LOSSES, UNABLE, Scene
from tests.faults.tables import Tables
from tests.racers import Racers, send
from tests.settings import ROOT

REFUSED = {401, 403, 404}
EXPECTED = {200, 201, 204, 409, *REFUSED}
# The right is taken so many milliseconds after the writes begin, or before they do.
DELAYS = range(-60, 50, 10)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with a generated feature."""
    if (ROOT / "apiserver" / FEATURE).exists():
        pytest.skip(f"The project has {FEATURE} of its own.")
    folder, _ = made_once(tmp_path_factory.getbasetemp(), "generated", generate)
    return Copy(folder)


def generate(folder):
    task = ("app.boilerplates.crud-module", f"--module-name={FEATURE}")
    return Copy.make(folder).run("invoke", *task)


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def url(request, project, tmp_path_factory):
    """The URL of a database of each kind, migrated, the feature's table included."""
    if request.param == "postgresql":
        url = request.getfixturevalue("server").make_database()
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('lost_rights')}/rights.db"
    project.run("alembic", "-c", "testing.ini", "upgrade", "head", DATABASE_URL=url)
    return url


@pytest.fixture(scope="module")
def racers(url, project):
    with Racers(url, project.folder / "apiserver", FEATURE) as racers:
        yield racers


@pytest.fixture(scope="module")
def app(make_app, url):
    return make_app(url)


@pytest.fixture(scope="module")
def engine(url):
    engines = make_engines(url)
    yield engines[0]
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def tables(engine):
    return Tables(engine)


@pytest.fixture
def scene(engine, tables, racers, loss):
    with Session(engine, expire_on_commit=False) as db:
        return Scene(db, tables, racers, loss)


class TestLostRights:
    @pytest.mark.parametrize("loss", LOSSES)
    def test_write_nothing_more(
        self, racers, app, tables, scene, pytestconfig, record_property
    ):
        rounds, taken, seen = pytestconfig.getoption("rounds"), 0, Counter()
        for number in range(rounds):
            tables.restore()
            is_taken, statuses = race(racers, app, scene, number)
            taken += is_taken
            seen.update(statuses)
        counted = ", ".join(
            f"{times} {status}" for status, times in sorted(seen.items())
        )
        record_property("figures", f"{taken} of {rounds} rounds; writes: {counted}")


def race(racers, app, scene, number):
    """Write and take at the same time, and compare what is stored.

    Returns whether the right was taken, and the statuses of the writes.
    """
    answers = []
    calls = scene.writes(number)
    delay = DELAYS[number % len(DELAYS)] / 1000

    def write():
        sleep(max(0, -delay))
        answers.extend(racers.run(*calls))

    thread = Thread(target=write)
    thread.start()
    sleep(max(0, delay))
    response = send(app, scene.taking())
    then = scene.stored()
    thread.join()
    statuses = [answer.status for answer in answers]
    assert len(statuses) == len(calls)
    assert set(statuses) <= EXPECTED, answers
    if response.status == 409:
        # He had just made a team, which nobody else leads.
        assert scene.loss in UNABLE, response
        assert number % 2, response
    else:
        assert response.status in {200, 204}, response
        assert scene.stored() == then, answers
    return response.status != 409, statuses
