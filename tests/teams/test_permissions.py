"""Who may do what with teams and members: every kind of caller at every endpoint."""

from tests.matrix import Operation, PermissionsAtPlaces
from tests.patches import replace

TEAMS, TEAM = "/teams/", "/teams/{team_id}"
MEMBERS, MEMBER = f"{TEAM}/members/", f"{TEAM}/members/{{user_id}}"
RENAME = [replace("title", "Designers")]
PROMOTE = [replace("is_leader", True)]


class TestPermissions(PermissionsAtPlaces):
    feature = "teams"
    place = MEMBER
    parts = {"member": "team:member", "leader": "team:leader"}
    endpoints = (TEAMS, TEAM)
    operations = {
        "list": Operation("GET", TEAMS),
        "create": Operation("POST", TEAMS, lambda ids: {"title": "Designers"}),
        "read": Operation("GET", TEAM),
        "rename": Operation("PATCH", TEAM, lambda ids: RENAME),
        "delete": Operation("DELETE", TEAM),
    }
    # What is answered where the team exists.
    statuses = """
caller               list  create  read  rename  delete
anonymous            401   401     401   401     401
inactive leader      401   401     401   401     401
outsider             200   201     403   403     403
member               200   201     200   403     403
leader               200   201     200   200     204
read-only leader     200   403     200   403     403
admin                200   201     200   200     204
internal             200   201     200   200     204
leader, no scope     403   403     403   403     403
leader, read scope   200   403     200   403     403
leader, write scope  403   201     403   200     204
client               200   403     403   403     403
"""


class TestMembers(TestPermissions):
    endpoints = (MEMBERS, MEMBER)
    operations = {
        "members": Operation("GET", MEMBERS),
        "add": Operation("POST", MEMBERS, lambda ids: {"user_id": ids["newcomer_id"]}),
        "member": Operation("GET", MEMBER),
        "promote": Operation("PATCH", MEMBER, lambda ids: PROMOTE),
        "remove": Operation("DELETE", MEMBER),
        "leave": Operation("DELETE", f"{TEAM}/members/{{own_id}}"),
    }
    # What is answered where the member exists. To leave is to remove oneself.
    statuses = """
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
