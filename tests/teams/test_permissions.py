"""Who may do what with ``/teams``: every kind of caller at every endpoint."""

from tests.matrix import Operation, PermissionMatrix

# What is answered where the team exists.
STATUSES = """
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

RENAME = [{"op": "replace", "path": "/title", "value": "Designers"}]

OPERATIONS = {
    "list": Operation("GET", "/teams/"),
    "create": Operation("POST", "/teams/", lambda ids: {"title": "Designers"}),
    "read": Operation("GET", "/teams/{team_id}"),
    "rename": Operation("PATCH", "/teams/{team_id}", lambda ids: RENAME),
    "delete": Operation("DELETE", "/teams/{team_id}"),
}


class TestPermissions(PermissionMatrix):
    feature = "teams"
    endpoints = ("/teams/", "/teams/{team_id}")
    operations = OPERATIONS
    statuses = STATUSES
