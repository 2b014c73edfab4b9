"""That what looks for another order of locks finds it."""

import pytest

from tests.lock_order import inversions, overtaking

TEAM = "SELECT team.id FROM team WHERE team.id = 1 FOR NO KEY UPDATE"
CALLER = 'SELECT "user".id\nFROM "user"\nWHERE "user".id = 1 FOR SHARE'
ACCOUNT = 'UPDATE "user" SET epoch = 1 WHERE "user".id = 1'
MEMBER = "DELETE FROM team_member WHERE team_member.team_id = 1"
COUNT = (
    "INSERT INTO throttle (key) VALUES (1) ON CONFLICT (key) DO UPDATE SET tries = 2"
)
EVENT = "INSERT INTO audit_event (id) VALUES (1)"
GRANT = "SELECT 1 FROM oauth2_token JOIN oauth2_grant ON true FOR SHARE OF oauth2_grant"
REVOKE = "UPDATE oauth2_grant SET revoked = now()"
END = "RELEASE SAVEPOINT sa_savepoint_1"


@pytest.mark.parametrize(
    "executed",
    [
        [TEAM, CALLER, GRANT, EVENT],
        [TEAM, CALLER, MEMBER],
        [COUNT, EVENT, END, TEAM, CALLER],
        [CALLER, END, TEAM],
        [TEAM, CALLER, TEAM],
        [EVENT, TEAM],
        [ACCOUNT, GRANT, REVOKE],
        ["SELECT id FROM oauth2_grant", ACCOUNT],
    ],
)
def test_finds_nothing_in_the_order(executed):
    assert inversions(executed) == []


@pytest.mark.parametrize(
    ("executed", "sentence"),
    [
        ([CALLER, TEAM], "team is locked after user"),
        ([END, GRANT, ACCOUNT], "user is locked after oauth2_grant"),
        ([CALLER, MEMBER], "team_member is locked after user"),
        ([CALLER, ACCOUNT], "user is shared before it is changed"),
        ([CALLER, GRANT, REVOKE], "oauth2_grant is shared before it is changed"),
        ([COUNT, CALLER], "throttle is held with throttle, user"),
    ],
)
def test_finds_another_one(executed, sentence):
    assert inversions(executed) == [sentence]


def test_finds_what_overtakes():
    gated = CALLER.replace(
        " = 1 ", " = 1 AND (SELECT pg_advisory_xact_lock_shared(1)) "
    )
    assert overtaking([TEAM, gated, CALLER, ACCOUNT, GRANT]) == [CALLER]
