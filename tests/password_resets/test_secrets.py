"""The token of a link is where it has to be, and nowhere else."""

from apiserver.auth.tokens import digest
from apiserver.core.jobs import work_off
from tests.auth.browser import Browser
from tests.leaks import spans, stored, told, traced
from tests.password_resets.test_pages import LOST, NEW, NEW_PASSWORD
from tests.password_resets.test_resets import CONFIRM

__all__ = ["spans", "told", "traced"]


def test_token_is_in_the_mail_alone(traced, api, user, connection, mailed_token, told):
    browser = Browser(lambda: api(app=traced))
    browser.call("GET", LOST)
    browser.submit(LOST, email=user.email)
    assert work_off(traced.registry) == ["done", "done"]
    token = mailed_token()
    rows = stored(connection)
    assert str(digest(token)) in rows
    page = browser.call("GET", f"{NEW_PASSWORD}?token={token}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    refused = [
        browser.call("POST", NEW_PASSWORD, {"token": token, "csrf": "no"}),
        browser.call("GET", f"{NEW_PASSWORD}?token={token}%00"),
        browser.call("PUT", f"{NEW_PASSWORD}?token={token}"),
        browser.call("GET", f"/account/new-passwords?token={token}"),
        api(app=traced).post(CONFIRM, {"token": token, "password": "short"}),
        api(app=traced).post(f"{CONFIRM}?token={token}", {"token": token}),
    ]
    assert [page.status_int for page in refused] == [400, 400, 405, 404, 422, 422]
    assert [page for page in refused if token in page.text] == []
    browser.page = page
    assert token not in browser.submit(NEW_PASSWORD, password=NEW).text
    said = told()
    assert any(NEW_PASSWORD in each for each in said)
    assert [each for each in said if token in each] == []
    assert token not in rows + stored(connection)
