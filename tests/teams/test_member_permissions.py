"""Who may do what with members of a team: every kind of caller, every endpoint."""

import pytest

from tests.matrix import Operation, PermissionMatrix
from tests.problems import problem

# What is answered where the member exists; behind the slash, where it or its team is
# missing. To leave is to remove oneself.
STATUSES = """
caller               members  add      member   promote  remove   leave
anonymous            401/401  401/401  401/401  401/401  401/401  401
inactive leader      401/401  401/401  401/401  401/401  401/401  401
outsider             403/404  403/404  403/404  403/404  403/404  404
member               200/404  403/404  200/404  403/404  403/404  204
leader               200/404  201/404  200/404  200/404  204/404  204
read-only outsider   403/404  403/404  403/404  403/404  403/404  404
read-only member     200/404  403/404  200/404  403/404  403/404  403
read-only leader     200/404  403/404  200/404  403/404  403/404  403
admin                200/404  201/404  200/404  200/404  204/404  404
internal             200/404  201/404  200/404  200/404  204/404  404
leader, no scope     403/404  403/404  403/404  403/404  403/404  403
leader, read scope   200/404  403/404  200/404  403/404  403/404  403
leader, write scope  403/404  201/404  403/404  200/404  204/404  204
admin, no scope      403/404  403/404  403/404  403/404  403/404  404
client               403/404  403/404  403/404  403/404  403/404  404
"""

# What OPTIONS allows at the path of an operation.
ALLOWED = """
caller               members   member            leave
anonymous            401       401               401
inactive leader      401       401               401
outsider             -         -                 404
member               GET       GET               GET DELETE
leader               GET POST  GET PATCH DELETE  GET PATCH DELETE
read-only outsider   -         -                 404
read-only member     GET       GET               GET
read-only leader     GET       GET               GET
admin                GET POST  GET PATCH DELETE  404
internal             GET POST  GET PATCH DELETE  404
leader, no scope     -         -                 -
leader, read scope   GET       GET               GET
leader, write scope  POST      PATCH DELETE      PATCH DELETE
admin, no scope      -         -                 404
client               -         -                 404
"""

PROMOTE = [{"op": "replace", "path": "/is_leader", "value": True}]

MEMBERS = "/teams/{team_id}/members/"
MEMBER = "/teams/{team_id}/members/{user_id}"

OPERATIONS = {
    "members": Operation("GET", MEMBERS),
    "add": Operation("POST", MEMBERS, lambda ids: {"user_id": ids["newcomer_id"]}),
    "member": Operation("GET", MEMBER),
    "promote": Operation("PATCH", MEMBER, lambda ids: PROMOTE),
    "remove": Operation("DELETE", MEMBER),
    "leave": Operation("DELETE", "/teams/{team_id}/members/{own_id}"),
}


class TestPermissions(PermissionMatrix):
    endpoints = (MEMBERS, MEMBER)
    operations = OPERATIONS
    statuses = STATUSES
    allowed = ALLOWED


class TestRefusals:
    @pytest.mark.parametrize(
        ("operation", "who"),
        [
            ("add", "leaders of the team and administrators"),
            ("promote", "leaders of the team and administrators"),
            ("remove", "the member itself, leaders of the team and administrators"),
        ],
    )
    def test_members_are_told_who_may(self, sign_in, operation, who):
        response = OPERATIONS[operation].call(*sign_in("member"))
        assert response.json == problem(403, f"Only for {who}.")
