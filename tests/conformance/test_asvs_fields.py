"""ASVS 5.0 section 8.2.3: fields that not everybody may read or write."""

import pytest

from tests.factories import PASSWORD

rfc = pytest.mark.rfc


class TestRole:
    @rfc("ASVS", "8.2.3", "L2", "nobody gives himself a role")
    @pytest.mark.parametrize("field", ["is_admin", "is_regular_user", "is_active"])
    def test_roles_are_given_by_administrators(self, server, make_token, user, field):
        token = make_token(user, scopes=["users:write"])
        patch = [
            {"op": "test", "path": "/current_password", "value": PASSWORD},
            {"op": "replace", "path": f"/{field}", "value": True},
        ]
        response = server.call(
            "PATCH", f"/api/v1/users/{user.id}", token=token, json=patch
        )
        assert response.status_code == 403


class TestSecret:
    @rfc("ASVS", "8.2.3", "L2", "what may only be written can't be asked for by a test")
    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "test", "path": "/password", "value": PASSWORD},
            {"op": "copy", "from": "/password", "path": "/first_name"},
            {"op": "move", "from": "/password", "path": "/first_name"},
            {"op": "copy", "from": "/current_password", "path": "/first_name"},
            {"op": "test", "path": "/password_digest", "value": "x"},
        ],
        ids=str,
    )
    def test_password_is_no_oracle(self, server, make_token, user, operation):
        proof = {"op": "test", "path": "/current_password", "value": PASSWORD}
        path, token = (
            f"/api/v1/users/{user.id}",
            make_token(user, scopes=["users:write"]),
        )
        response = server.call("PATCH", path, token=token, json=[proof, operation])
        assert response.status_code == 422
        assert PASSWORD not in response.text
