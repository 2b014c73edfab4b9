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
# The table of the mails that development shows instead of sending.
SHOWN = "shown_mail"


@pytest.fixture
def gertrude(api, make_user, make_team, make_client, db):
    """Somebody of whom every table has something."""
    user = make_user(**NAMES)
    browser = Browser(api)
    browser.headers["User-Agent"] = "Gertrude's own browser"
    browser.sign_in(user.username, "wrong")
    browser.sign_in(user.username, PASSWORD)
    make_session(db, user, address=ADDRESS)
    make_team(members=[user])
    make_client(user)
    make_personal_token(db, user, name="Gertrude's script")
    client = api(user)
    assert client.get("/users/me").status_int == 200
    common = {"result": "success", "request_id": "x", "created": now()}
    mine = {**common, "address": ADDRESS}
    theirs = {**common, "address": OTHERS, "actor_id": make_user("admin").id}
    rows = [
        {**mine, "action": "user_created", "target": f"user:{user.id}"},
        {**mine, "action": "sign_in", "actor_id": user.id},
        {**mine, "action": "role_change", "actor_id": user.id, "target": "user:1"},
        {**theirs, "action": "role_change", "target": f"user:{user.id} is_admin"},
        {**mine, "action": "user_created", "target": f"user:{user.id}0"},
    ]
    for row in rows:
        db.execute(insert(AuditEvent).values(row))
    db.commit()
    return user


def found(db, *words):
    """Return where the words stand, in all tables."""
    for table in Base.metadata.sorted_tables:
        for row in db.execute(select(table)).all():
            for name, value in row._mapping.items():
                text = str(value).lower()
                yield from (
                    (table.name, name, word) for word in words if word.lower() in text
                )


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
    # The last is of an account whose number begins alike.
    assert [each for each in found(db, *words) if each[0] != SHOWN] == [
        ("audit_event", "address", ADDRESS)
    ]
    assert len(list(found(db, OTHERS))) == 1
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name in {"user_id", "owner_id"}:
                left = db.execute(select(table).where(column == user_id)).all()
                assert left == [], table.name
    events = db.execute(
        select(AuditEvent.action, AuditEvent.address)
        .where(AuditEvent.actor_id == user_id)
        .order_by(AuditEvent.id)
    ).all()
    assert set(events) == {("sign_in", "erased"), ("role_change", "erased")}
    deleted = db.execute(
        select(AuditEvent.target, AuditEvent.address).where(
            AuditEvent.action == "user_deleted"
        )
    ).one()
    assert deleted == (f"user:{user_id}", "job:delete_account")
