"""The token of a link is in the mail, and in no row, log, trace or error."""

from apiserver.core.jobs import work_off
from tests.invitations.test_invitations import SIGN_UP
from tests.invitations.test_page import NEW, PAGE
from tests.leaks import leaks, spans, stored, told, traced

__all__ = ["leaks", "spans", "told", "traced"]


def test_token_is_in_the_mail_alone(
    traced, api, leader, path, connection, told, mailed_token, leaks
):
    api(leader, app=traced).post(path, {"email": "ada@example.com"})
    assert work_off(traced.registry) == ["done"]
    every = [stored(connection), *told()]
    token = mailed_token()
    assert [each for each in every if token in each] == []
    assert leaks(token, PAGE, SIGN_UP, forged={"csrf": "no"}, **NEW) == []
