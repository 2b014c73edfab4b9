"""Rows that expire are purged in batches; what lives stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from apiserver.auth.models import (
    BrowserSession,
    Consent,
    OAuth2Grant,
    OAuth2Token,
)
from apiserver.auth.tokens import CONSENT, SESSION, digest, make_token
from apiserver.core.audit import AuditEvent
from apiserver.core.db import Session, now
from apiserver.core.expiry import purge
from apiserver.core.jobs import put, work_off
from tests import factories
from tests.client import Client

HOUR = timedelta(hours=1)
SCOPES = ("teams:read",)


@pytest.fixture
def purged(make_database, make_pure_app):
    """An application on a database of its own, since a purge commits by itself."""
    return make_pure_app(make_database())


@pytest.fixture
def tokens(purged):
    """A function that makes tokens of a user, which have expired, or live."""

    def make(*lifetimes):
        with Session(purged.registry.engine, expire_on_commit=False) as db:
            user = factories.make_user(db)
            return user, [
                factories.make_token(db, user, scopes=SCOPES, lifetime=lifetime)
                for lifetime in lifetimes
            ]

    return make


def count(engine, model):
    with Session(engine) as db:
        return db.scalar(select(func.count()).select_from(model))


def recorded(engine):
    purges = select(AuditEvent.target, AuditEvent.address).order_by(AuditEvent.id)
    with Session(engine) as db:
        rows = db.execute(purges.where(AuditEvent.action == "purged"))
        return [tuple(row) for row in rows]


def make_session(db, user, *, idle, absolute):
    session = BrowserSession(
        digest=digest(make_token(SESSION)),
        user_id=user.id,
        user_epoch=user.epoch,
        idle_expires=now() + idle,
        absolute_expires=now() + absolute,
    )
    db.add(session)
    db.flush()
    for expires in (-HOUR, HOUR):
        db.add(
            Consent(
                digest=digest(make_token(CONSENT)),
                session_digest=session.digest,
                parameters="",
                expires=now() + expires,
            )
        )
    db.commit()


class TestPurge:
    def test_takes_what_has_expired_and_nothing_else(self, purged, tokens):
        engine = purged.registry.engine
        user, (*_, living) = tokens(*[-HOUR] * 5, HOUR)
        with Session(engine, expire_on_commit=False) as db:
            for idle, absolute in ((HOUR, HOUR), (-HOUR, HOUR), (HOUR, -HOUR)):
                make_session(db, user, idle=idle, absolute=absolute)

        batches = list(purge(engine, purged.registry, batch=2))

        assert [rows for table, rows in batches if table == "oauth2_token"] == [2, 2, 1]
        for model in (OAuth2Token, OAuth2Grant, BrowserSession, Consent):
            assert count(engine, model) == 1
        response = Client(purged, living).get("/teams/")
        assert (response.status_int, response.json) == (200, [])

    def test_is_recorded_by_the_batch(self, purged, tokens):
        engine = purged.registry.engine
        tokens(*[-HOUR] * 3)
        before = len(recorded(engine))
        list(purge(engine, purged.registry, batch=2))
        assert recorded(engine)[before:] == [
            (f"{table} rows={rows}", "command")
            for table in ("oauth2_token", "oauth2_grant")
            for rows in (2, 1)
        ]

    def test_is_a_job_of_every_day(self, purged, tokens):
        engine, jobs = purged.registry.engine, purged.registry.jobs
        assert str(jobs["purge_expired"].schedule) == "every 1 day, 0:00:00"
        tokens(-HOUR)
        with Session(engine) as db, db.begin():
            key = put(db, jobs["purge_expired"])
        before = len(recorded(engine))
        assert work_off(purged.registry) == ["done"]
        assert count(engine, OAuth2Token) == 0
        assert recorded(engine)[before:] == [
            ("oauth2_token rows=1", "job:purge_expired"),
            ("oauth2_grant rows=1", "job:purge_expired"),
        ]
        with Session(engine) as db:
            last = select(AuditEvent.request_id).order_by(AuditEvent.id.desc())
            assert db.scalar(last.limit(1)) == key
