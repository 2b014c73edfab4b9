"""The tokens of links, and passwords, are in no row, log, trace or error."""

import pytest

from apiserver.core.jobs import work_off
from tests.addresses.factories import make_change, make_sign_up, make_take_back
from tests.factories import PASSWORD, make_user
from tests.leaks import leaks, spans, stored, told, traced
from tests.users.accounts import newcomer

__all__ = ["leaks", "spans", "told", "traced"]

SIGN_UPS = "/users/sign-ups"
CHANGES = "/users/address-changes"
# The page and the endpoint that use a link, and how it is made.
USED = {
    "sign-up": ("/account/confirm", f"{SIGN_UPS}/confirmation", make_sign_up),
    "change": (
        "/account/confirm-address",
        f"{CHANGES}/confirmation",
        lambda db: make_change(db, make_user(db)),
    ),
    "take-back": (
        "/account/take-back-address",
        f"{CHANGES}/taking-back",
        lambda db: make_take_back(db, make_user(db)),
    ),
}


def test_are_in_the_mail_alone(traced, api, connection, told, mailed_token):
    api(app=traced).post(SIGN_UPS, newcomer())
    assert work_off(traced.registry) == ["done"]
    every = [stored(connection), *told()]
    assert any(SIGN_UPS in each for each in every)
    token = mailed_token()
    assert [each for each in every if token in each or PASSWORD in each] == []


@pytest.mark.parametrize("kind", USED)
def test_are_repeated_nowhere_when_they_are_used(leaks, db, kind):
    page, path, make = USED[kind]
    assert leaks(make(db)[1], page, path) == []
