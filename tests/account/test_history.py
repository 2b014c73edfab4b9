"""What users are told of the audit log: ``/users/me/events/`` and the page."""

import pytest
from sqlalchemy import delete, insert, select

from apiserver.account.history import PAGE
from apiserver.core.audit import AuditEvent
from apiserver.core.db import now
from tests.factories import PASSWORD
from tests.html import headings, soup

PATH = "/users/me/events/"
HISTORY = "/account/history"
ADDRESS = "192.0.2.7"


@pytest.fixture
def happened(db):
    """A function that stores what has happened: who, what, to whom, by which client."""

    def store(*rows):
        db.execute(delete(AuditEvent))
        common = {"result": "success", "request_id": "x", "address": ADDRESS}
        names = ("actor_id", "action", "target", "client_id")
        for row in rows:
            values = {**common, "created": now(), **dict(zip(names, row, strict=True))}
            db.execute(insert(AuditEvent).values(values))
        db.commit()

    return store


def test_list_has_what_was_done_by_and_to_the_account(
    api, user, make_user, db, happened
):
    other, me = make_user().id, user.id
    client = api(user)
    happened(
        (None, "user_created", f"user:{me}", None),
        (me, "sign_in", None, "app"),
        (other, "sign_in", None, None),
        (other, "role_change", f"user:{me} is_admin=True", "tool"),
        (me, "role_change", f"user:{other}", None),
        # A number that begins with that of the account.
        (other, "user_changed", f"user:{me}0", None),
        (other, "personal_token_revoked", f"personal_token:3 of:{me}", None),
        (me, "team_created", "team:3", None),
    )
    shown = [
        (e["action"], e["is_own"], e["client_id"], e["address"])
        for e in client.get(PATH).json
    ]
    assert shown == [
        ("team_created", True, None, ADDRESS),
        ("personal_token_revoked", False, None, None),
        ("role_change", False, None, None),
        ("sign_in", True, "app", ADDRESS),
        ("user_created", False, None, None),
    ]
    only = client.get(f"{PATH}?action=sign_in&limit=1").json
    row = db.scalars(select(AuditEvent).where(AuditEvent.id == only[0]["id"])).one()
    assert only == [
        {
            "id": row.id,
            "created": row.created.isoformat(),
            "action": "sign_in",
            "result": "success",
            "is_own": True,
            "target": None,
            "client_id": "app",
            "address": ADDRESS,
        }
    ]


def test_page_shows_the_newest_first(signed_in, user, happened):
    happened(*((user.id, f"thing_{n}_done", None, None) for n in range(PAGE + 2)))
    page = signed_in.call("GET", HISTORY)
    assert headings(page)[0] == f"Thing {PAGE + 1} done"
    assert len(headings(page)) == PAGE
    [older] = [a["href"] for a in soup(page).select("ul.links a") if a.text == "Older"]
    page = signed_in.call("GET", older)
    assert headings(page) == ["Thing 1 done", "Thing 0 done"]
    assert [a.text for a in soup(page).select("ul.links a")] == ["Newest"]


def test_page_says_it_in_words(browser, user):
    for password in ("wrong", PASSWORD):
        browser.sign_in(user.username, password)
    page = browser.call("GET", f"{HISTORY}?before=x")
    assert headings(page) == ["Signed in", "Failed to sign in"]
    assert browser.call("GET", f"{HISTORY}?before={2**63 - 1}").status_int == 200
    assert "There is nothing older." in browser.call("GET", f"{HISTORY}?before=1").text
