"""Deleted means gone: of a user whose account was deleted no table has anything."""

import pytest
from sqlalchemy import insert, select

from apiserver.account.jobs import delete_account
from apiserver.account.models import AccountDeletion
from apiserver.core.audit import AuditEvent
from apiserver.core.db import Base, now
from apiserver.core.jobs import work_off
from tests.auth.browser import Browser
from tests.factories import PASSWORD, make_session
from tests.leaks import SHOWN
from tests.personal_tokens.factories import make_personal_token

ADDRESS = "198.51.100.23"
OTHERS = "203.0.113.9"
NAMES = {
    "username": "gertrude",
    "email": "gertrude@stein.example",
    "first_name": "Gertrudis",
    "middle_name": "Toklasia",
    "last_name": "Steinhauer",
}


@pytest.fixture
def gertrude(api, make_user, make_team, make_client, db):
    """Somebody of whom every table has something."""
    user = make_user(**NAMES)
    browser = Browser(api)
    browser.headers["User-Agent"] = "Gertrude's own browser"
    for password in ("wrong", PASSWORD):
        browser.sign_in(user.username, password)
    make_session(db, user, address=ADDRESS)
    make_team(members=[user])
    make_client(user)
    make_personal_token(db, user, name="Gertrude's script")
    assert api(user).get("/users/me").status_int == 200
    mine, admin = f"user:{user.id}", make_user("admin").id
    rows = [
        (None, "user_created", mine, ADDRESS),
        (user.id, "sign_in", None, ADDRESS),
        (user.id, "role_change", "user:1", ADDRESS),
        (admin, "role_change", f"{mine} is_admin", OTHERS),
        # Of an account whose number begins alike.
        (None, "user_created", f"{mine}0", ADDRESS),
    ]
    names = ("actor_id", "action", "target", "address")
    common = {"result": "success", "request_id": "x", "created": now()}
    for row in rows:
        values = {**common, **dict(zip(names, row, strict=True))}
        db.execute(insert(AuditEvent).values(values))
    db.commit()
    return user


def found(db, *words):
    """Return where the words stand, in all tables."""
    return [
        (table.name, name, word)
        for table in Base.metadata.sorted_tables
        for row in db.execute(select(table)).mappings().all()
        for name, value in row.items()
        for word in words
        if word.lower() in str(value).lower()
    ]


def test_no_table_has_anything_but_the_log_its_events(gertrude, app, run, db):
    user_id = gertrude.id
    words = [*NAMES.values(), ADDRESS]
    before = {table for table, _, _ in found(db, *words)}
    assert {"user", "audit_event", "browser_session", "personal_token"} <= before
    db.add(AccountDeletion(user_id=user_id, due=now()))
    db.commit()
    run(delete_account, user_id=user_id)
    assert work_off(app.registry) == ["done"]
    db.expire_all()
    left = [each for each in found(db, *words) if each[0] != SHOWN]
    assert left == [("audit_event", "address", ADDRESS)]
    assert len(found(db, OTHERS)) == 1
    for table in Base.metadata.sorted_tables:
        for name in {"user_id", "owner_id"} & {*table.columns.keys()}:
            mine = table.columns[name] == user_id
            assert db.execute(select(table).where(mine)).all() == [], table.name
    events = select(AuditEvent.action, AuditEvent.address)
    mine = db.execute(events.where(AuditEvent.actor_id == user_id)).all()
    assert set(mine) == {("sign_in", "erased"), ("role_change", "erased")}
    told = select(AuditEvent.target, AuditEvent.address)
    deleted = db.execute(told.where(AuditEvent.action == "user_deleted")).one()
    assert deleted == (f"user:{user_id}", "job:delete_account")
