"""The token of a link is in the mail, and in no row, log, trace or error."""

import re

from sqlalchemy import select

from apiserver.auth.tokens import digest
from apiserver.core.jobs import work_off
from apiserver.mail.models import ShownMail
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.invitations.test_invitations import ACCEPT, SIGN_UP
from tests.invitations.test_page import PAGE
from tests.leaks import spans, stored, told, traced

__all__ = ["spans", "told", "traced"]


def test_token_is_in_the_mail_alone(
    traced, api, leader, path, make_user, connection, told, db
):
    api(leader, app=traced).post(path, {"email": "ada@example.com"})
    assert work_off(traced.registry) == ["done"]
    mail = db.scalars(select(ShownMail.text).order_by(ShownMail.id.desc())).first()
    token = re.search(r"token=(\S+)", mail)[1]
    rows = stored(connection)
    assert str(digest(token)) in rows
    browser = Browser(lambda: api(app=traced))
    refused = [
        browser.call("GET", f"{PAGE}?token={token}%00"),
        browser.call("PUT", f"{PAGE}?token={token}"),
        browser.call("GET", f"{PAGE}s?token={token}"),
        browser.call("POST", PAGE, {"token": token, "password": "x", "csrf": "no"}),
        api(app=traced).post(SIGN_UP, {"token": token, "password": "short"}),
        api(app=traced).post(f"{ACCEPT}?token={token}", {"token": token}),
    ]
    assert [page.status_int for page in refused] == [400, 405, 404, 400, 422, 401]
    led = browser.call("GET", f"{PAGE}?token={token}")
    assert led.headers["Referrer-Policy"] == "no-referrer"
    refused.append(browser.call("GET", f"/auth/login?next={PAGE}"))
    user = make_user()
    browser.submit("/auth/login", username=user.username, password=PASSWORD)
    page = browser.call("GET", PAGE)
    assert page.headers["Cache-Control"] == "no-store"
    refused.append(browser.submit(PAGE))
    assert [page for page in refused if token in page.text] == []
    said = told()
    assert any(PAGE in each for each in said)
    assert [each for each in said if token in each] == []
    assert token not in rows + stored(connection)
