"""One walk through all parameters: the server takes the example of each."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.walk import Walk, body_of, paths, query_of


def parameters() -> dict[str, tuple[str, str, Any]]:
    """Return where each parameter is sent: to which path, by which method."""
    return {
        f"{method} {path} {parameter['name']}": (path, method, parameter)
        for path, item in paths().items()
        for method, operation in item.items()
        if method != "parameters"
        for parameter in [
            *item.get("parameters", ()),
            *operation.get("parameters", ()),
        ]
    }


@pytest.fixture
def walk(app, api, connection, db):
    api()
    return Walk(app, connection, db, "admin")


@pytest.mark.parametrize("where", parameters())
def test_is_taken_where_it_is_sent_alone(walk, where):
    path, method, parameter = parameters()[where]
    visit = next(walk.visits(path))
    operation = walk.document["paths"][path][method]
    query, headers = query_of(operation), {}
    name, example = parameter["name"], as_text(parameter["example"])
    if parameter["in"] == "path":
        keys = {**visit.place.keys, name: quote(example, safe="")}
        visit = visit._replace(url=path.format(**keys))
    elif parameter["in"] == "query":
        query = query_of(operation, **{name: example})
    else:
        headers = {name: example}
    body = body_of(operation, visit.place)
    answer = walk.send(visit, method.upper(), query, headers=headers, **body)
    assert answer.status_int in {200, 201, 202, 204, 206, 404, 412}, answer.text


def as_text(example: Any) -> Any:
    """Return what a URL or a header has for a value, or for each of a list."""
    if isinstance(example, list):
        return [as_text(each) for each in example]
    return str(example).lower() if isinstance(example, bool) else str(example)
