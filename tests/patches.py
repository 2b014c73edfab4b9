"""Operations of JSON Patch (RFC 6902), as tests send them."""

from typing import Any


def op(name: Any, path: Any, **more: Any) -> dict[str, Any]:
    """Return an operation; ``source`` is its ``from``."""
    if "source" in more:
        more["from"] = more.pop("source")
    return {"op": name, "path": path, **more}


def replace(name: str, value: Any) -> dict[str, Any]:
    """Return the operation that sets a field."""
    return op("replace", f"/{name}", value=value)
