"""Who may do what with members of a team: every kind of caller, every endpoint."""

from tests.matrix import Operation, PermissionMatrix

# What is answered where the member exists. To leave is to remove oneself.
STATUSES = """
caller               members  add  member  promote  remove  leave
anonymous            401      401  401     401      401     401
inactive leader      401      401  401     401      401     401
outsider             403      403  403     403      403     404
member               200      403  200     403      403     204
leader               200      201  200     200      204     204
read-only leader     200      403  200     403      403     403
admin                200      201  200     200      204     404
internal             200      201  200     200      204     404
leader, no scope     403      403  403     403      403     403
leader, read scope   200      403  200     403      403     403
leader, write scope  403      201  403     200      204     204
client               403      403  403     403      403     404
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
    feature = "teams"
    endpoints = (MEMBERS, MEMBER)
    operations = OPERATIONS
    statuses = STATUSES
