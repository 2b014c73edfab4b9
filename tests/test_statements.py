"""That the statements of every operation are counted, each feature's in its tests."""

import re
from importlib import import_module

from tests.client import Client
from tests.settings import ROOT, SHIPPED

COUNTED = [
    row
    for name in SHIPPED.split()
    # One without operations has none.
    if (ROOT / "tests" / name / "test_statements.py").exists()
    for row in import_module(f"tests.{name}.test_statements").STATEMENTS
]


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
        for _, method, path, _, status, _ in COUNTED
        if status < 300
    }
    assert operations - counted == set()
