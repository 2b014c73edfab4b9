"""A feature with stored files: papers in binders, ``/binders/1/papers/2``."""

from contextlib import AbstractContextManager
from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.endpoints import ApiService, Request, returns_content
from apiserver.core.files import FileDetail, Stored, send_stored, upload
from apiserver.core.http import Conflict
from apiserver.core.schemas import Id, Object, Text
from apiserver.core.tree import KEY, USER, Collection, Item, Permission, Resource
from tests.core import tables
from tests.core.serve import serve
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


def known() -> AbstractContextManager[None]:
    """Let the tables be the project's: what files belong to is looked for there."""
    return tables.known(TABLES)


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


def delete_binder(request: Any) -> None:
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
    use, file = BinderPermission.USE, {"takes": upload(*TYPES, most=MOST)}
    binder, papers = "/binders/{binder_id}", "/binders/{binder_id}/papers/"
    detail = {"returns": BinderDetail}
    serve(config, "/binders/", use, makes=Binder, takes=BinderFields, **detail)
    serve(config, binder, use, delete=delete_binder)
    detail, full = {"returns": PaperDetail}, {"taken": {"full": Full}}
    serve(config, papers, use, post=add_paper, **file, **detail, **full)
    serve(config, f"{papers}{{paper_id}}", use, methods="GET DELETE", **detail, **full)
    content = ApiService("content", f"{papers}{{paper_id}}/content")
    content.get(permission=use, returns=returns_content(*TYPES))(download_paper)
    content.put(permission=use, **file, **detail)(replace_paper)
    config.add_cornice_service(content)
