"""What users are told of the audit log: ``/users/me/events/`` and the page."""

from bs4 import BeautifulSoup
from sqlalchemy import delete, insert, select

from apiserver.account.history import PAGE
from apiserver.core.audit import AuditEvent
from apiserver.core.db import now
from tests.factories import PASSWORD

PATH = "/users/me/events/"
HISTORY = "/account/history"


def stored(db, *rows):
    db.execute(delete(AuditEvent))
    common = {
        "created": now(),
        "result": "success",
        "request_id": "x",
        "address": "192.0.2.7",
        "client_id": None,
    }
    for row in rows:
        db.execute(insert(AuditEvent).values({**common, **row}))
    db.commit()


class TestList:
    def test_has_what_was_done_by_and_to_the_account(self, api, user, make_user, db):
        other, me = make_user(), user.id
        # A number that begins with that of the account.
        near = f"user:{me}0"
        client = api(user)
        stored(
            db,
            {"action": "user_created", "target": f"user:{me}"},
            {"action": "sign_in", "actor_id": me, "client_id": "app"},
            {"action": "sign_in", "actor_id": other.id},
            {
                "action": "role_change",
                "actor_id": other.id,
                "client_id": "tool",
                "target": f"user:{me} is_admin=True",
            },
            {"action": "role_change", "actor_id": me, "target": f"user:{other.id}"},
            {"action": "user_changed", "actor_id": other.id, "target": near},
            {
                "action": "personal_token_revoked",
                "actor_id": other.id,
                "target": f"personal_token:3 of:{me}",
            },
            {"action": "team_created", "actor_id": me, "target": "team:3"},
        )
        answer = client.get(PATH)
        assert answer.status_int == 200
        shown = [
            (e["action"], e["is_own"], e["client_id"], e["address"])
            for e in answer.json
        ]
        assert shown == [
            ("team_created", True, None, "192.0.2.7"),
            ("personal_token_revoked", False, None, None),
            ("role_change", False, None, None),
            ("sign_in", True, "app", "192.0.2.7"),
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
                "address": "192.0.2.7",
            }
        ]


class TestPage:
    def test_shows_the_newest_first(self, signed_in, user, db):
        rows = [
            {"action": f"thing_{n}_done", "actor_id": user.id} for n in range(PAGE + 2)
        ]
        stored(db, *rows)
        page = signed_in.call("GET", HISTORY)
        assert headings(page)[0] == f"Thing {PAGE + 1} done"
        assert len(headings(page)) == PAGE
        [older] = [a["href"] for a in links(page) if a.text == "Older"]
        page = signed_in.call("GET", older)
        assert headings(page) == ["Thing 1 done", "Thing 0 done"]
        assert [a.text for a in links(page)] == ["Newest"]

    def test_says_it_in_words(self, browser, user):
        browser.sign_in(user.username, "wrong")
        browser.sign_in(user.username, PASSWORD)
        page = browser.call("GET", f"{HISTORY}?before=x")
        assert headings(page) == ["Signed in", "Failed to sign in"]
        assert browser.call("GET", f"{HISTORY}?before={2**63 - 1}").status_int == 200
        page = browser.call("GET", f"{HISTORY}?before=1")
        assert "There is nothing older." in page.text


def headings(page):
    found = BeautifulSoup(page.text, "html.parser").find_all("h2")
    return [" ".join(heading.text.split()) for heading in found]


def links(page):
    return BeautifulSoup(page.text, "html.parser").select("ul.links a")
