"""What happens while a request is under way, as if another process had committed it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event

SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def meanwhile(
    connection: Connection, number: int, act: Callable[[], object]
) -> Iterator[list[str]]:
    """Act right before the statement of the number; yield what is executed.

    Fails if there are no so many statements.
    """
    executed: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *args: object) -> None:
        if not statement.startswith(SAVEPOINTS):
            executed.append(statement)
            if len(executed) == number:
                act()

    event.listen(connection, "before_cursor_execute", listen)
    try:
        yield executed
    finally:
        event.remove(connection, "before_cursor_execute", listen)
    assert len(executed) >= number, executed
