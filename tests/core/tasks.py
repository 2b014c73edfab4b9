"""A feature whose list has whatever lists can have: tasks, some without a due date."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import Index, String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, ExactNumeric, PrimaryKey, search_index
from apiserver.core.lists import (
    Listing,
    above,
    at_least,
    at_most,
    below,
    contains,
    equals,
    is_null,
    one_of,
    search,
)
from apiserver.core.schemas import Choice, Id, Object
from apiserver.core.tree import ANYONE, Collection, Permission
from tests.client import Client
from tests.core.serve import serve
from tests.core.tables import own_tables

STATUSES = ("late", "open", "paid")


class Task(Base):
    __tablename__ = "task_of_a_test"
    id: Mapped[PrimaryKey]
    status: Mapped[str] = mapped_column(String(4))
    due: Mapped[datetime | None]
    budget: Mapped[int | None]
    cost: Mapped[Decimal | None] = mapped_column(ExactNumeric(9, 2))
    begin: Mapped[date | None]
    title: Mapped[str] = mapped_column(String(50), default="")
    about: Mapped[str | None] = mapped_column(String(200))


Index(None, Task.due, Task.id)
Index(None, Task.status, Task.id)
Index("ix_task_latest", Task.due.desc().nulls_last(), Task.status, Task.id)
search_index("ix_task_words", Task.title, Task.about)

own_tables(Task)


class TaskSummary(Object):
    id = Id()


class TaskPermission(Permission):
    LIST = ("task:list", None, "List the tasks.")


class TaskCollection(Collection):
    __acl__ = [(Allow, ANYONE, [TaskPermission.LIST])]


TASKS = Listing(
    select(Task.id),
    by=Task.id,
    sort=(Task.status, Task.due, Task.budget, Task.cost, Task.begin),
    filters={
        "status": one_of(Task.status, Choice(*STATUSES, description="How far.")),
        "due": one_of(Task.due),
        "due_from": at_least(Task.due),
        "due_until": below(Task.due),
        "due_missing": is_null(Task.due),
        "budget": equals(Task.budget),
        "budgets": one_of(Task.budget, most=3),
        "budget_above": above(Task.budget),
        "budget_up_to": at_most(Task.budget),
        "cost": one_of(Task.cost),
        "begin": one_of(Task.begin),
        "title": contains(Task.title),
        "q": search(Task.title, Task.about),
    },
)


def tasks(config: Configurator) -> None:
    config.add_node("tasks", TaskCollection)
    serve(config, "/tasks/", TaskPermission.LIST, lists=TASKS, returns=TaskSummary)


def day(number: int | None) -> datetime | None:
    return None if number is None else datetime(2026, 3, number, 12, tzinfo=UTC)


def row(status: str, due: int | None, budget: int | None) -> dict[str, Any]:
    """Return what a task has in each column."""
    return {
        "status": status,
        "due": day(due),
        "budget": budget,
        "cost": due and Decimal(due) / 4,
        "begin": due and date(2026, 1, 1) + timedelta(days=due),
    }


# Of each task, from the first one on.
ROWS = [
    row("open", 5, 10),
    row("open", None, 20),
    row("late", 3, None),
    row("paid", None, None),
    row("open", 5, 20),
    row("late", 3, 10),
    row("paid", 1, None),
    row("open", None, 10),
    row("late", 5, -(2**63)),
    row("open", None, 20),
    row("late", None, 2**63 - 1),
    row("open", 3, 0),
]


@contextmanager
def stored(app: Any, rows: list[dict[str, Any]]) -> Iterator[Client]:
    """Make the table for the block, with these rows; a client."""
    tables = [Task.__table__]
    Base.metadata.create_all(app.registry.engine, tables)
    try:
        with app.registry.engine.begin() as connection:
            connection.execute(insert(Task), rows)
        yield Client(app)
    finally:
        Base.metadata.drop_all(app.registry.engine, tables)


def ids(response: Any) -> list[int]:
    assert response.status_int == 200, response.text
    return [task["id"] for task in response.json]


def parameters(client: Client, name: str) -> Iterator[dict[str, Any]]:
    """Return what both documents say of a parameter."""
    for document in ("swagger.json", "openapi.json"):
        operation = client.get(f"/{document}").json["paths"]["/tasks/"]["get"]
        [found] = [each for each in operation["parameters"] if each["name"] == name]
        yield found
