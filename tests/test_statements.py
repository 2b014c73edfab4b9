"""That the statements of every operation are counted, each feature's in its tests."""

import re

from tests.auth.test_statements import STATEMENTS as AUTH
from tests.client import Client
from tests.teams.test_statements import STATEMENTS as TEAMS
from tests.users.test_statements import STATEMENTS as USERS


def pattern(path: str) -> str:
    """Return the path without its query and the names of its placeholders."""
    return re.sub(r"{\w+}", "{}", path.partition("?")[0])


def test_are_counted_for_every_operation(app):
    document = Client(app).get("/swagger.json").json
    operations = {
        (method.upper(), pattern(path))
        for path, item in document["paths"].items()
        for method in item
        if method in {"get", "post", "patch", "put", "delete"}
    }
    counted = {
        (method, pattern(path))
        for _, method, path, _, status, _ in [*AUTH, *TEAMS, *USERS]
        if status < 300
    }
    assert operations - counted == set()
