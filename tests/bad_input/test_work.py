"""Bad input that is long: what it costs in C grows no faster than its length.

A regular expression, a parser, a copy of all that was read so far: no line of Python is
run more often for those (``test_growth.py``). What is counted are blocks of
instructions, as valgrind runs them. It makes a program ten times slower; ``callgrind``,
by which ``benchmarks`` counts, sixty times.
"""

import json
import subprocess
import sys

import pytest
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from tests import factories
from tests.bad_input import counted
from tests.bad_input.counted import is_answered, is_linear
from tests.served import clean_environment
from tests.settings import ROOT, TESTING, make
from tests.tools import needs

pytestmark = [needs("valgrind"), pytest.mark.slow]

VALGRIND = ("valgrind", "--tool=none", "--stats=yes")


@pytest.fixture
def job(make_database):
    """What the process is to know: a database, a caller, a team."""
    url = make_database()
    engine, _ = make_engines(url)
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db, "admin")
        team = factories.make_team(db, leaders=[user])
        public = {"client_id": "public", "client_type": "public"}
        factories.make_client(db, user, **public, secret_digest=None)
        scopes = make(TESTING).registry.scopes
        token = factories.make_token(db, user, scopes=scopes)
    engine.dispose()
    return {"url": url, "token": token, "team": f"/api/v1/teams/{team.id}"}


def work_of(logs, **job):
    """Return what tasks have done, by their names."""
    program = [sys.executable, "-m", counted.__name__]
    # With other hashes, dictionaries collide otherwise. Coverage would be work, too.
    variables = {**clean_environment(), "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603
        [
            *(*VALGRIND, f"--log-file={logs}/%p.log"),
            *(*program, json.dumps({**job, "logs": str(logs)})),
        ],
        cwd=ROOT,
        env={k: v for k, v in variables.items() if not k.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_work_grows_no_faster_than_the_input(job, tmp_path):
    results = work_of(tmp_path, **job)
    assert {n: r for n, r in results.items() if not is_answered(r)} == {}
    assert {n: r for n, r in results.items() if not is_linear(r)} == {}
