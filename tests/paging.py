"""The links of a list's pages (RFC 8288)."""

import re
from typing import Any


def relations(response: Any) -> dict[str, str]:
    """Return the targets of the ``Link`` header by their relations."""
    links = re.findall(r'<([^>]*)>; rel="([a-z]+)"', response.headers["Link"])
    return {relation: target for target, relation in links}


def follow(response: Any, relation: str) -> str:
    return relations(response)[relation]
