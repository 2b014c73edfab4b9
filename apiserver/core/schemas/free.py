"""A field with any JSON, without a schema."""

import colander
import orjson

from apiserver.core.http.bodies import MAX_DEPTH, is_deeper, items
from apiserver.core.schemas.fields import Field
from apiserver.core.typing import Json

# The value of a form's text that isn't JSON.
NO_JSON = object()


class JsonType(colander.SchemaType):
    """Any JSON but null, of up to ``most`` bytes and ``depth`` levels."""

    def __init__(self, most: int, depth: int) -> None:
        self.most, self.depth = most, depth

    def deserialize(self, node: colander.SchemaNode, value: Json) -> Json:
        if value is colander.null:
            return value
        if value is None:
            raise colander.Invalid(node, "Must not be null.")
        if value is NO_JSON:
            raise colander.Invalid(node, "Must be JSON.")
        if is_deeper(value, self.depth):
            levels = f"{self.depth} levels deep"
            raise colander.Invalid(node, f"Must be nested at most {levels}.")
        if len(orjson.dumps(value)) > self.most:
            raise colander.Invalid(node, f"Must be at most {self.most} bytes long.")
        if has_nul(value):
            raise colander.Invalid(node, "Must not contain the character NUL.")
        return value

    def from_text(self, text: str) -> Json:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return NO_JSON


def has_nul(value: Json) -> bool:
    """Whether a text or a name contains NUL, which PostgreSQL refuses."""
    if isinstance(value, str):
        return "\0" in value
    names = value if isinstance(value, dict) else ()
    return any(map(has_nul, [*names, *items(value)]))


class FreeJson(Field):
    """Any JSON of up to ``most`` bytes in UTF-8, nested up to ``depth`` levels.

    Null is accepted only if nullable. Objects may lose the order of their names, and
    numbers have 64 bits.
    """

    def __init__(self, most: int = 16_384, depth: int = 8, **kw: object) -> None:
        if not 0 < depth < MAX_DEPTH:
            raise TypeError(f"A body has at most {MAX_DEPTH} levels.")
        kw = {"example": {"colour": "red"}, **kw}
        super().__init__(JsonType(most, depth), **kw)
