"""Who may do what with projects: every kind of caller at every endpoint."""

from tests.matrix import Operation, PermissionMatrix
from tests.patches import replace

# What is answered where the project exists.
STATUSES = """
caller               own  list  create  read  edit  archive  restore  delete  of team
anonymous            401  401   401     401   401   401      401      401     401
inactive leader      401  401   401     401   401   401      401      401     401
stranger             200  403   403     403   403   403      403      403     403
member               200  200   201     200   200   403      403      403     200
leader               200  200   201     200   200   200      200      204     200
read-only leader     200  200   403     200   403   403      403      403     200
admin                200  200   201     200   200   200      200      204     200
internal             200  200   201     200   200   200      200      204     200
leader, no scope     403  403   403     403   403   403      403      403     403
leader, read scope   200  200   403     200   403   403      403      403     200
leader, write scope  403  403   201     403   200   200      200      204     403
client               403  403   403     403   403   403      403      403     403
"""

OWN, OF_TEAM = "/projects/", "/teams/{team_id}/projects/"
ITEM, ITEM_OF_TEAM = "/projects/{project_id}", "/teams/{team_id}/projects/{project_id}"
ARCHIVE, RESTORE = f"{ITEM}/archive", f"{ITEM}/restore"

OPERATIONS = {
    "own": Operation("GET", OWN),
    "list": Operation("GET", OF_TEAM),
    "create": Operation("POST", OF_TEAM, lambda ids: {"title": "Another title"}),
    "read": Operation("GET", ITEM),
    "edit": Operation("PATCH", ITEM, lambda ids: [replace("title", "Another title")]),
    "archive": Operation("POST", ARCHIVE),
    "restore": Operation("POST", RESTORE),
    "delete": Operation("DELETE", ITEM),
    "of team": Operation("GET", ITEM_OF_TEAM),
}
# At the URL below the team they are the same once more.
ENDPOINTS = (OWN, OF_TEAM, ITEM, ARCHIVE, RESTORE)


class TestPermissions(PermissionMatrix):
    feature = "projects"
    endpoints = ENDPOINTS
    operations = OPERATIONS
    statuses = STATUSES
