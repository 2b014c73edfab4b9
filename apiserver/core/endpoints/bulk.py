"""A body of several objects: all or none are accepted."""

from collections.abc import Callable, Iterator, Mapping

from apiserver.core.endpoints.request import Request
from apiserver.core.http.errors import ApiError, Conflict, NotFound, ValidationFailed
from apiserver.core.typing import Fragment, Json, Row


class ItemsRefused(ApiError):
    """The errors of several items, each with its index."""

    def __init__(self, refused: Mapping[int, ApiError]) -> None:
        first = next(iter(refused.values()))
        self.status, self.headers = first.status, first.headers
        self.refused = refused
        super().__init__(first.detail)

    @property
    def members(self) -> Mapping[str, Json]:
        pairs = self.refused.items()
        return {"errors": [each for n, error in pairs for each in located(n, error)]}


def located(index: int, error: ApiError) -> Iterator[Fragment]:
    """Yield the errors of an item, as members of the problem document."""
    whole = {"location": "body", "name": "", "description": error.detail}
    for each in error.members.get("errors", [whole]):
        yield {**each, "name": f"{index}.{each['name']}".rstrip(".")}


def in_bulk(request: Request, act: Callable[[Fragment], Row]) -> list[Row]:
    """Call ``act`` with each item of the body, and return the results.

    After a Conflict, NotFound or ValidationFailed the other items are still tried, to
    report all errors together; then nothing is changed. Each item has a savepoint.
    """
    done: list[Row] = []
    refused: dict[int, ApiError] = {}
    for index, values in enumerate(request.validated["body"]):
        try:
            with request.db.begin_nested():
                done.append(act(values))
        except (Conflict, NotFound, ValidationFailed) as error:
            refused[index] = error
    if refused:
        raise ItemsRefused(refused)
    return done
