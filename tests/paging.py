"""The links of a list's pages (RFC 8288)."""

import re
from collections.abc import Iterator
from typing import Any


def relations(response: Any) -> dict[str, str]:
    """Return the targets of the ``Link`` header by their relations."""
    links = re.findall(r'<([^>]*)>; rel="([a-z]+)"', response.headers["Link"])
    return {relation: target for target, relation in links}


def follow(response: Any, relation: str) -> str:
    return relations(response)[relation]


def pages(client: Any, path: str, relation: str) -> Iterator[Any]:
    """Yield the pages to which the links of the relation lead."""
    response = client.get(path)
    while True:
        yield response
        target = relations(response).get(relation)
        if target is None:
            return
        response = client.call("GET", target)
