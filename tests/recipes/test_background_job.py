"""The recipe of a background job: ordered, taken by workers, looked at."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.client import Client
from tests.conftest import ROOT
from tests.recipes.callers import ADA, BOB, CallerPolicy
from tests.recipes.documents import FOLDER, recipe
from tests.served import Program, clean_environment
from tests.settings import shipped_ini

TEXT = {"text": "To be or not to be"}


@pytest.fixture(scope="module")
def jobs():
    return recipe("background-job").module("worker")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    return request.getfixturevalue("own_postgresql").make_database()


@pytest.fixture
def app(serve_recipe, url):
    return serve_recipe("background-job", CallerPolicy(), **{"sqlalchemy.url": url})


@pytest.fixture
def engine(app):
    return app.registry.engine


@pytest.fixture
def client(app):
    return Client(app)


def order(client):
    """Order a report; return the path of its job."""
    answer = client.post("/reports/", TEXT, headers=ADA)
    assert answer.status_int == 202
    return answer.headers["Location"].removeprefix("/api/v1")


def seen(client, path):
    answer = client.get(path, headers=ADA).json
    return answer["state"], answer["words"]


class TestOrder:
    def test_is_accepted_and_waits(self, client):
        answer = client.post("/reports/", TEXT, headers=ADA)
        location = answer.headers["Location"]
        assert (answer.status_int, location) == (202, "/api/v1/jobs/1")
        waiting = client.get("/jobs/1", headers=ADA).json
        assert waiting == answer.json
        assert waiting["created"] <= waiting["updated"]
        times = {name: waiting[name] for name in ("created", "updated")}
        assert waiting == {"id": 1, "state": "waiting", "words": None, **times}

    def test_is_seen_by_who_gave_it(self, client):
        path = order(client)
        assert client.get(path, headers=BOB).status_int == 403
        assert client.get(path).status_int == 401

    def test_is_documented(self, client):
        post = client.get("/openapi.json").json["paths"]["/reports/"]["post"]
        location = post["responses"]["202"]["headers"]["Location"]
        assert location["required"] is True


class TestWorker:
    def test_does_one_job_after_the_other(self, client, engine, jobs):
        first, second = order(client), order(client)
        assert jobs.work(engine) is True
        assert [seen(client, p) for p in (first, second)] == [
            ("done", 6),
            ("waiting", None),
        ]
        assert jobs.work(engine) is True
        assert seen(client, second) == ("done", 6)
        assert jobs.work(engine) is False

    def test_tries_three_times(self, client, engine, jobs, monkeypatch, caplog):
        def fail(text):
            raise ValueError("too hard")

        monkeypatch.setattr(jobs, "count_words", fail)
        path = order(client)
        states = []
        while jobs.work(engine):
            states.append(seen(client, path))
        assert states == [("waiting", None), ("waiting", None), ("failed", None)]
        assert caplog.text.count("too hard") >= 3

    def test_takes_what_another_one_gave_up(self, client, engine, jobs, monkeypatch):
        path = order(client)
        with Session(engine) as db, db.begin():
            assert jobs.take(db) is not None
        assert (seen(client, path), jobs.work(engine)) == (("running", None), False)
        later = jobs.now() + jobs.LEASE + timedelta(seconds=1)
        monkeypatch.setattr(jobs, "now", lambda: later)
        assert jobs.work(engine) is True
        assert seen(client, path) == ("done", 6)

    def test_that_was_given_up_changes_nothing(self, client, engine, jobs):
        path = order(client)
        with Session(engine, expire_on_commit=False) as db, db.begin():
            late = jobs.take(db)
        with engine.begin() as connection:
            connection.execute(update(jobs.Job).values(attempts=2, state="waiting"))
        jobs.finish(engine, late, {"state": "failed"})
        assert seen(client, path) == ("waiting", None)

    @pytest.mark.parametrize("url", ["postgresql"], indirect=True)
    def test_passes_over_what_another_one_is_taking(self, client, engine, jobs):
        for _ in range(2):
            order(client)
        with Session(engine) as one, one.begin(), Session(engine) as two, two.begin():
            assert [jobs.take(one).id, jobs.take(two).id] == [1, 2]
            with Session(engine) as three, three.begin():
                assert jobs.take(three) is None


@pytest.mark.slow
class TestProcess:
    def test_works_until_it_is_ended(self, client, engine, jobs, url, tmp_path):
        paths = [order(client), order(client)]
        (tmp_path / "own.ini").write_text(shipped_ini("testing.ini"))
        path = [FOLDER.name, os.environ.get("PYTHONPATH", str(ROOT))]
        environment = clean_environment(
            PYTHONPATH=os.pathsep.join(path), DATABASE_URL=url
        )
        command = ["python", "-m", jobs.__name__, "own.ini"]
        log = tmp_path / "own.log"
        open_jobs = select(jobs.Job.id).where(jobs.Job.state != "done")
        with Program(command, log, folder=tmp_path, environment=environment) as worker:
            worker.until(lambda: not rows(engine, open_jobs))
        assert [seen(client, path) for path in paths] == [("done", 6)] * 2


def rows(engine, statement):
    with engine.connect() as connection:
        return connection.execute(statement).all()
