"""Who may do what with ``/teams``: every kind of caller at every endpoint."""

import pytest

from tests.matrix import Operation, PermissionMatrix
from tests.problems import problem

# What is answered where the team exists.
STATUSES = """
caller               list  create  read  rename  delete
anonymous            401   401     401   401     401
inactive leader      401   401     401   401     401
outsider             200   201     403   403     403
member               200   201     200   403     403
leader               200   201     200   200     204
read-only outsider   200   403     403   403     403
read-only member     200   403     200   403     403
read-only leader     200   403     200   403     403
admin                200   201     200   200     204
internal             200   201     200   200     204
leader, no scope     403   403     403   403     403
leader, read scope   200   403     200   403     403
leader, write scope  403   201     403   200     204
admin, no scope      403   403     403   403     403
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
    endpoints = ("/teams/", "/teams/{team_id}")
    operations = OPERATIONS
    statuses = STATUSES


class TestRefusals:
    @pytest.mark.parametrize(
        ("operation", "who"),
        [
            ("read", "leaders of the team, members of the team and administrators"),
            ("rename", "leaders of the team and administrators"),
            ("delete", "leaders of the team and administrators"),
        ],
    )
    def test_outsiders_are_told_who_may(self, sign_in, operation, who):
        response = OPERATIONS[operation].call(*sign_in("outsider"))
        assert response.json == problem(403, f"Only for {who}.")

    def test_clients_are_told_who_may_create(self, sign_in):
        response = OPERATIONS["create"].call(*sign_in("client"))
        assert response.json == problem(
            403, "Only for every active user and administrators."
        )
