"""What the tests of the account page share."""

import pytest

from apiserver.core.jobs import Run
from apiserver.core.jobs.taking import session_of
from tests.project import (
    an_hour_later,
    app,
    browser,
    refused_later,
    signed_in,
    user,
)


@pytest.fixture
def run(app, api, db):
    """A function that runs a job, in the transaction of the test."""

    def call(job, **values):
        api()
        origin = {"request_id": "of a test", "address": f"job:{job.name}"}
        with session_of(app.registry, **origin) as session:
            job(Run(app.registry, session, "key", 1, session.commit), **values)
            session.commit()
        db.expire_all()

    return call
