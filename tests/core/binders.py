"""A feature with stored files: papers in binders, ``/binders/1/papers/2``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.endpoints import ApiService, Request, returns_content
from apiserver.core.files import FileDetail, Stored, send_stored, upload
from apiserver.core.files.removal import files_below
from apiserver.core.http import Conflict
from apiserver.core.schemas import Id, Object, Text
from apiserver.core.tree import KEY, USER, Collection, Item, Permission, Resource
from tests.core.tables import own_tables
from tests.recipes.callers import CallerPolicy

TYPES = ("text/plain", "image/png")
MOST = 300_000


class Binder(Base):
    __tablename__ = "test_binder"
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))


class Paper(Stored, Base):
    __tablename__ = "test_paper"
    id: Mapped[PrimaryKey]
    binder_id: Mapped[int] = mapped_column(ForeignKey(Binder.id, ondelete="CASCADE"))
    # Is looked at when the transaction is committed, and no earlier.
    follows_id: Mapped[int | None] = mapped_column(
        ForeignKey("test_paper.id", deferrable=True, initially="DEFERRED")
    )


TABLES = own_tables(Binder, Paper)


@contextmanager
def known() -> Iterator[None]:
    """Let the tables be the project's: what files belong to is looked for there."""
    for table in TABLES:
        Base.metadata._add_table(table.name, None, table)
    files_below.cache_clear()
    yield
    for table in reversed(TABLES):
        Base.metadata.remove(table)
    files_below.cache_clear()


FOLLOW = (
    update(Paper)
    .where(Paper.id == bindparam("paper"))
    .values(follows_id=bindparam("earlier"))
)
DELETE_BINDER = delete(Binder).where(Binder.id == bindparam("binder"))


class BinderPermission(Permission):
    USE = ("binder:use", "binders:write", "Use the binders.")


class PaperContent(Resource):
    pass


class PaperResource(Item[Paper]):
    noun, model = "paper", Paper
    statement = select(*Paper.__table__.columns).where(
        Paper.id == KEY, Paper.binder_id == bindparam("binder_id")
    )
    children = {"content": PaperContent}


class PaperCollection(Collection):
    item = PaperResource


class BinderResource(Item[Binder]):
    noun, model = "binder", Binder
    children = {"papers": PaperCollection}


class BinderCollection(Collection):
    __acl__ = [(Allow, USER, [BinderPermission.USE])]
    item = BinderResource


class BinderFields(Object):
    title = Text(1, 50)


class BinderDetail(BinderFields):
    """A binder."""

    id = Id()


class PaperDetail(FileDetail):
    """A paper."""

    id = Id()


class Full(Conflict):
    sentence = "The binder is full."


def create_binder(request: Request) -> Any:
    """Create a binder."""
    return request.db.insert(Binder, **request.validated["body"])


def delete_binder(request: Request) -> None:
    """Delete a binder with its papers, which the database does."""
    request.db.run(DELETE_BINDER, {"binder": request.context.binder.id})


def add_paper(request: Request) -> Any:
    """Add a paper, but not to a binder that is full."""
    binder = request.context.above(BinderResource).binder
    file = request.validated["file"]
    row = request.db.insert(Paper, binder_id=binder.id, follows_id=None, **file)
    if binder.title == "chain":
        request.db.run(FOLLOW, {"paper": row.id, "earlier": row.id - 1})
    if binder.title == "full":
        raise Full
    if binder.title == "broken":
        raise RuntimeError("A mistake.")
    return row


def get_paper(request: Request) -> Any:
    """See what is known of a paper."""
    return request.context.paper


def delete_paper(request: Request) -> None:
    """Delete a paper."""
    request.context.delete()


def download_paper(request: Request) -> Any:
    """Download a paper."""
    return send_stored(request, request.context.above(PaperResource).paper)


def replace_paper(request: Request) -> Any:
    """Replace a paper."""
    paper = request.context.above(PaperResource).lock()
    for name, value in request.validated["file"].items():
        setattr(paper, name, value)
    return paper


def binders(config: Configurator) -> None:
    config.set_security_policy(CallerPolicy())
    config.add_scope("binders:write", "Use the binders.")
    config.add_node("binders", BinderCollection)
    collection = ApiService("binders", "/binders/")
    binder = ApiService("binder", "/binders/{binder_id}")
    papers = ApiService("papers", "/binders/{binder_id}/papers/")
    paper = ApiService("paper", "/binders/{binder_id}/papers/{paper_id}")
    content = ApiService("content", "/binders/{binder_id}/papers/{paper_id}/content")
    takes = upload(*TYPES, most=MOST)
    for declare, view, kw in (
        (collection.post, create_binder, {"takes": BinderFields} | of(BinderDetail)),
        (binder.delete, delete_binder, {}),
        (papers.post, add_paper, {"takes": takes, "errors": (Full,)} | of(PaperDetail)),
        (paper.get, get_paper, of(PaperDetail)),
        (paper.delete, delete_paper, {"errors": (Full,)}),
        (content.get, download_paper, of(returns_content(*TYPES))),
        (content.put, replace_paper, {"takes": upload(*TYPES, most=MOST)}),
    ):
        if view is replace_paper:
            kw |= of(PaperDetail)
        declare(permission=BinderPermission.USE, **kw)(view)
    for service in (collection, binder, papers, paper, content):
        config.add_cornice_service(service)


def of(returns: Any) -> dict[str, Any]:
    return {"returns": returns}
