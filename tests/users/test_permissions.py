"""Who may do what with ``/users``: every kind of caller at every endpoint."""

import pytest

from tests.factories import PASSWORD
from tests.matrix import Operation, PermissionsAtPlaces

# What is answered where the account exists.
STATUSES = """
caller             list  sign up  with captcha  form  me   read  change
anonymous          401   403      201           200   401  401   401
inactive self      401   401      401           401   401  401   401
outsider           403   403      201           200   200  403   403
self               403   403      201           200   200  200   200
read-only self     403   403      201           200   200  200   403
admin              200   201      201           200   200  200   200
internal           200   201      201           200   200  200   200
self, no scope     403   403      201           200   403  403   403
self, read scope   403   403      201           200   200  200   403
self, write scope  403   403      201           200   403  403   200
admin, no scope    403   403      201           200   403  403   403
client             403   403      201           200   403  403   403
"""

NEWCOMER = {"username": "new", "email": "new@example.com", "password": PASSWORD}
CHANGES = [
    {"op": "test", "path": "/current_password", "value": PASSWORD},
    {"op": "replace", "path": "/first_name", "value": "Ada"},
]

OPERATIONS = {
    "list": Operation("GET", "/users/"),
    "sign up": Operation("POST", "/users/", lambda ids: NEWCOMER),
    "with captcha": Operation(
        "POST", "/users/", lambda ids: {**NEWCOMER, "recaptcha_key": "secret_key"}
    ),
    "form": Operation("GET", "/users/signup-form"),
    "me": Operation("GET", "/users/me"),
    "read": Operation("GET", "/users/{user_id}"),
    "change": Operation("PATCH", "/users/{user_id}", lambda ids: CHANGES),
}


@pytest.mark.rfc("ASVS", "8.2.2", "L1", "nobody reaches the objects of others")
class TestPermissions(PermissionsAtPlaces):
    feature = "users"
    place = "/users/{user_id}"
    parts = {"self": "user:self"}
    endpoints = ("/users/", "/users/signup-form", "/users/me", "/users/{user_id}")
    operations = OPERATIONS
    statuses = STATUSES
