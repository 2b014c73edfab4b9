"""What pages of a list take that is sorted by several columns, filtered and searched.

::

    .venv/bin/python benchmarks/lists.py
    .venv/bin/python benchmarks/lists.py --rows 10000 --database sqlite
    .venv/bin/python benchmarks/lists.py --save

A million tasks, a fifth of them without a due date, in an application of core alone;
times as in ``growth.py``. ``--save`` writes ``results/lists.json``.

=======  ============================================================================
sorted   20 tasks in an order, not counted: the first page, and after a row at a depth
         by a cursor
found    20 tasks that a filter leaves, the first page, not counted and counted
=======  ============================================================================
"""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from application import call, close
from bulk import add_rows, settle
from database import new_postgresql, new_sqlite
from growth import medians, parse
from pyramid.authorization import Allow
from pyramid.config import Configurator
from results import about, save
from run import SERVERS
from sqlalchemy import Engine, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column
from workloads import Workload

from apiserver.core.db import Base, PrimaryKey, Session, make_engines, search_index
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.lists import Listing, contains, is_null, one_of, search
from apiserver.core.schemas import Id, Object, Text
from apiserver.core.tree import ANYONE, Permission, Resource

STATUSES = ("open", "late", "paid")
WORDS = ("write", "call", "send", "read", "report", "letter", "invoice", "minutes")
# One task in so many has the word that is searched for.
RARE, ONE_IN = "needle", 10_000

SORTS = ("id", "due", "-due", "-due,title", "status,-due,title")
# Queries by what they ask for.
FOUND = {
    "one of two statuses": "status=late&status=paid",
    "without a due date": "due_missing=true",
    "a rare word": f"q={RARE}",
    "a usual word": "q=report",
    "a rare text, by contains": f"title={RARE}",
}


class Task(Base):
    """What is to be done."""

    __tablename__ = "task"

    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))
    status: Mapped[str] = mapped_column(String(10))
    due: Mapped[datetime | None]


LATEST = Task.due.desc().nulls_last()
Index("ix_task_due", Task.due, Task.id)
Index("ix_task_latest", LATEST, Task.id.desc())
Index("ix_task_latest_title", LATEST, Task.title, Task.id)
Index("ix_task_status_latest_title", Task.status, LATEST, Task.title, Task.id)
search_index("ix_task_words", Task.title)


class TaskSummary(Object):
    """A task."""

    id = Id()
    title = Text(1, 50)


class TaskPermission(Permission):
    """What may be done with tasks."""

    LIST = ("task:list", None, "List the tasks.")


class TaskCollection(Resource):
    """All tasks."""

    __acl__ = [(Allow, ANYONE, [TaskPermission.LIST])]


TASKS = Listing(
    select(Task.id, Task.title),
    by=Task.id,
    sort=(Task.title, Task.status, Task.due),
    filters={
        "title": contains(Task.title),
        "status": one_of(Task.status),
        "due_missing": is_null(Task.due),
        "q": search(Task.title),
    },
)
LIST = Workload("tasks", "GET", "/api/v1/tasks/", 200, 0, 0, authorization="")


def tasks(config: Configurator) -> None:
    """Include the list of tasks."""
    config.add_node("tasks", TaskCollection)
    service = ApiService("tasks", "/tasks/")

    @service.get(permission=TaskPermission.LIST, lists=TASKS, returns=TaskSummary)
    def list_tasks(request: Request) -> object:
        """List the tasks."""
        return TASKS.page_of(request)

    config.add_cornice_service(service)


def make_application(url: str) -> Any:
    with Configurator(settings={"sqlalchemy.url": url}) as config:
        config.include("apiserver.core")
        config.include(tasks, route_prefix=config.registry.api_prefix)
    return config.make_wsgi_app()


def add_tasks(engine: Engine, number: int) -> None:
    Base.metadata.create_all(engine, [Base.metadata.tables["task"]])
    add_rows(engine, Task, ("title", "status", "due"), rows_of(number))
    settle(engine)


def rows_of(number: int) -> Iterator[tuple[str, str, datetime | None]]:
    """Yield titles, statuses and due dates that say nothing about the ids."""
    chance = random.Random(1)  # noqa: S311 (the same in each run)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for place in range(number):
        words = [*chance.sample(WORDS, 2), RARE if place % ONE_IN == 0 else str(place)]
        due = start + timedelta(minutes=chance.randrange(number))
        is_due = chance.random() > 1 / 5
        yield " ".join(words), chance.choice(STATUSES), due if is_due else None


def main() -> None:
    options = parse()
    found: dict[str, Any] = {}
    for database in [options.database] if options.database else SERVERS:
        server = SERVERS[database]
        if database == "postgresql" and server is None:
            print("postgresql: left out, BENCH_DATABASE_URL names no server")
            continue
        with new_postgresql(server) if server else new_sqlite() as url:
            found[database] = measure(url, options.rows, options.rounds)
        print(database, json.dumps(found[database], indent=2))
    if options.save:
        save("lists", {**about(), "rows": options.rows, "databases": found})


def measure(url: str, rows: int, rounds: int) -> dict[str, Any]:
    engine, _ = make_engines(url)
    add_tasks(engine, rows)
    application = make_application(url)

    def get(workload: Workload) -> Any:
        return call(application, workload)

    depths = [0, rows // 1000, rows // 10, rows - 100]
    found = {
        "sorted": {
            sort: medians(
                {depth: page_at(engine, sort, depth) for depth in depths}, get, rounds
            )
            for sort in SORTS
        },
        "found": {
            about: medians(
                {
                    count: replace(LIST, query=query, prefer=f"count={count}")
                    for count in ("none", "exact")
                },
                get,
                max(1, rounds // 5),
            )
            for about, query in FOUND.items()
        },
    }
    close(application)
    engine.dispose()
    return found


def page_at(engine: Engine, sort: str, depth: int) -> Workload:
    """Return the request for the page after so many rows, by a cursor."""
    query = f"limit=20&sort={sort}"
    if depth:
        order = TASKS.order(tuple(sort.split(",")))
        columns = [key.column for key in order.keys]
        statement = select(*columns).order_by(*order.clauses()).offset(depth - 1)
        with Session(engine) as db:
            place = db.execute(statement.limit(1)).one()
        query += f"&after={order.encode(place)}"
    return replace(LIST, query=query, prefer="count=none")


if __name__ == "__main__":
    main()
