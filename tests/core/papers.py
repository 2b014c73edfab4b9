"""A feature whose papers have a history: ``/papers/1/history/``.

A paper holds a value of each type that a column may have, and a secret.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import JSON, ForeignKey, MetaData, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.archive import Archivable, ArchivableItem
from apiserver.core.db import Base, ExactNumeric, PrimaryKey, Timestamped
from apiserver.core.history import (
    ChangeDetail,
    Historic,
    HistoryResource,
    Tracked,
    history_of,
)
from apiserver.core.schemas import Choice, Date, Moment, Object, Text
from apiserver.core.schemas import Decimal as DecimalField
from apiserver.core.tree import (
    ADMIN,
    EVERY_PERMISSION,
    USER,
    Collection,
    Permission,
    Role,
)
from tests.core.serve import serve
from tests.recipes.callers import CallerPolicy

AUTHOR = Role("paper:author", "the author of the paper")


class State(Enum):
    DRAFT = "draft"
    PRINTED = "printed"


class OwnBase(DeclarativeBase):
    """Its tables are none of the project's."""

    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map = Base.type_annotation_map


class Paper(Historic, Archivable, Timestamped, OwnBase):
    __tablename__ = "paper_of_a_test"
    __history__ = Tracked(
        *("title", "state", "due_on", "sent", "price", "is_open", "words", "extra"),
        *("pages", "length", "code", "follows_id", "archived", "archived_by"),
    )

    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))
    author_id: Mapped[int] = mapped_column(default=1)
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    due_on: Mapped[date | None]
    sent: Mapped[datetime | None]
    price: Mapped[Decimal | None] = mapped_column(ExactNumeric(8, 2))
    is_open: Mapped[bool] = mapped_column(default=False)
    words: Mapped[tuple[str, ...]] = mapped_column(default=())
    extra: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    pages: Mapped[int] = mapped_column(default=1)
    length: Mapped[timedelta | None]
    code: Mapped[UUID | None]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("paper_of_a_test.id"))
    secret: Mapped[str] = mapped_column(String(50), default="")


class Will(Historic, OwnBase):
    """What outlives it is not its title alone."""

    __tablename__ = "will_of_a_test"
    __history__ = Tracked("title", outlive=True)

    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))


class PaperPermission(Permission):
    WRITE = ("paper:write", "papers:write", "Change papers.")
    READ_HISTORY = ("paper:read_history", "papers:read", "See who changed a paper.")


class PaperFields(Object):
    """What can be changed of a paper."""

    title = Text(1, 50)
    state = Choice(State)
    due_on = Date(nullable=True)
    sent = Moment(nullable=True)
    price = DecimalField(8, 2, nullable=True)


class PaperHistory(HistoryResource):
    __acl__ = [(Allow, AUTHOR, [PaperPermission.READ_HISTORY])]


class PaperResource(ArchivableItem[Paper]):
    children = {**ArchivableItem.children, "history": PaperHistory}
    noun, model = "paper", Paper
    paper: Any

    def local_roles(self, user: Any) -> Any:
        return (AUTHOR,) if user.id == self.paper.author_id else ()


class PaperCollection(Collection):
    __acl__ = [
        (Allow, USER, [PaperPermission.WRITE]),
        (Allow, ADMIN, EVERY_PERMISSION),
    ]
    item = PaperResource


PAPER_HISTORY = history_of(Paper)


def papers(config: Configurator) -> None:
    """Include the feature; ``registry.act`` is what POST does with the request."""
    config.set_security_policy(CallerPolicy())
    config.add_scope("papers:read", "See papers.")
    config.add_scope("papers:write", "Change papers.")
    config.add_node("papers", PaperCollection)

    def act(request: Any) -> None:
        request.registry.act(request.db)

    def archive(request: Any) -> None:
        request.context.above(PaperResource).archive()

    write, read = PaperPermission
    paper, fields = "/papers/{paper_id}", {"takes": PaperFields, "returns": PaperFields}
    serve(config, "/papers/", write, post=act)
    serve(config, paper, write, methods="PATCH", **fields)
    serve(config, f"{paper}/archive", write, post=archive)
    history = {"lists": PAPER_HISTORY, "returns": ChangeDetail}
    serve(config, f"{paper}/history/", read, **history)


def changes(db: Any, model: Any = Paper) -> list[tuple[Any, ...]]:
    """Return the history of all rows: of which one what was changed, from and to."""
    model = model.__changes__
    columns = (model.row_id, model.field, model.before, model.after)
    return [tuple(row) for row in db.execute(select(*columns).order_by(model.id))]
