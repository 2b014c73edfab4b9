"""The tokens of links, and passwords, are in no row, log, trace or error."""

import re

import pytest
from sqlalchemy import select

from apiserver.auth.tokens import digest
from apiserver.core.jobs import work_off
from apiserver.mail.models import ShownMail
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.auth.browser import Browser
from tests.factories import PASSWORD, make_user
from tests.leaks import spans, stored, told, traced
from tests.users.accounts import newcomer

__all__ = ["spans", "told", "traced"]

SIGN_UPS = "/users/sign-ups"
CHANGES = "/users/address-changes"
USED = {
    "sign-up": ("/account/confirm", f"{SIGN_UPS}/confirmation"),
    "change": ("/account/confirm-address", f"{CHANGES}/confirmation"),
    "take-back": ("/account/take-back-address", f"{CHANGES}/taking-back"),
}


def test_are_in_the_mail_alone(traced, api, connection, told, db):
    api(app=traced).post(SIGN_UPS, newcomer())
    assert work_off(traced.registry) == ["done"]
    mail = db.scalars(select(ShownMail.text).order_by(ShownMail.id.desc())).first()
    token = re.search(r"token=(\S+)", mail)[1]
    rows, said = stored(connection), told()
    assert str(digest(token)) in rows
    assert token not in rows
    assert PASSWORD not in rows
    assert any(SIGN_UPS in each for each in said)
    assert [each for each in said if token in each or PASSWORD in each] == []


@pytest.mark.parametrize("kind", USED)
def test_are_repeated_nowhere_when_they_are_used(
    traced, api, connection, told, db, kind
):
    page, path = USED[kind]
    _, token = {
        "sign-up": make_sign_up,
        "change": lambda db: make_change(db, make_user(db)),
        "take-back": lambda db: make_take_back(db, make_user(db)),
    }[kind](db)
    browser, client = Browser(lambda: api(app=traced)), api(app=traced)
    refused = [
        browser.call("GET", f"{page}?token={token}%00"),
        browser.call("PUT", f"{page}?token={token}"),
        client.post(f"{path}?token={token}", {"token": token}),
        client.post(path, {"token": f"{token}x"}),
        client.post(path, {"token": token, "more": token}),
    ]
    statuses = [answer.status_int for answer in refused]
    assert statuses == [400, 405, 422, 422, 422]
    led = browser.call("GET", f"{page}?token={token}")
    assert led.headers["Referrer-Policy"] == "no-referrer"
    assert led.headers["Cache-Control"] == "no-store"
    refused += [client.post(path, {"token": token}), browser.submit(page)]
    assert refused[-1].status_int == 404
    assert [answer for answer in refused if token in answer.text] == []
    said = told()
    assert any(page in each for each in said)
    assert [each for each in said if token in each] == []
    assert token not in stored(connection)
