"""The token of a link is where it has to be, and nowhere else."""

from apiserver.core.jobs import work_off
from tests.leaks import leaks, spans, stored, told, traced
from tests.password_resets.test_resets import ASK, CONFIRM, NEW

__all__ = ["leaks", "spans", "told", "traced"]


def test_token_is_in_the_mail_alone(
    traced, api, user, connection, mailed_token, told, leaks
):
    api(app=traced).post(ASK, {"email": user.email})
    assert work_off(traced.registry) == ["done", "done"]
    every = [stored(connection), *told()]
    token = mailed_token()
    assert [each for each in every if token in each] == []
    page = "/account/new-password"
    assert leaks(token, page, CONFIRM, forged={"csrf": "no"}, password=NEW) == []
