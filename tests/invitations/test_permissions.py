"""Who may do what with invitations: every kind of caller, every endpoint."""

from tests.matrix import Operation, PermissionsAtPlaces

# What is answered where the invitation exists.
STATUSES = """
caller               list  invite  see  resend  revoke  accept
anonymous            401   401     401  401     401     401
inactive leader      401   401     401  401     401     401
outsider             403   403     403  403     403     200
member               403   403     403  403     403     409
leader               200   201     200  202     204     409
read-only leader     200   403     200  403     403     403
admin                200   201     200  202     204     200
internal             200   201     200  202     204     200
leader, no scope     403   403     403  403     403     403
leader, read scope   200   403     200  403     403     403
leader, write scope  403   201     403  202     204     409
client               403   403     403  403     403     403
"""

LIST = "/teams/{team_id}/invitations/"
ONE = "/teams/{team_id}/invitations/{invitation_id}"
RESEND = f"{ONE}/resend"
ACCEPT = "/invitations/acceptance"
OPERATIONS = {
    "list": Operation("GET", LIST),
    "invite": Operation("POST", LIST, lambda ids: {"email": "ada@example.com"}),
    "see": Operation("GET", ONE),
    "resend": Operation("POST", RESEND),
    "revoke": Operation("DELETE", ONE),
    "accept": Operation("POST", ACCEPT, lambda ids: {"token": ids["token"]}),
}


class TestPermissions(PermissionsAtPlaces):
    feature = "invitations"
    place = ONE
    parts = {"member": "team:member", "leader": "team:leader"}
    endpoints = (LIST, ONE, RESEND, ACCEPT)
    operations = OPERATIONS
    statuses = STATUSES
