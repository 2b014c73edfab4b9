"""A feature whose drawers and letters are archived: ``/drawers/1/letters/2``."""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.archive import (
    Archivable,
    ArchivableItem,
    live_or_archived,
    unique_among_live,
)
from apiserver.core.db import Base, PrimaryKey
from apiserver.core.http import Conflict
from apiserver.core.lists import Listing, contains
from apiserver.core.schemas import Id, Moment, Object, Text
from apiserver.core.tree import EVERY_PERMISSION, USER, Collection, Permission
from tests.core.serve import serve
from tests.core.tables import own_tables
from tests.recipes.callers import CallerPolicy


class Drawer(Archivable, Base):
    __tablename__ = "drawer_of_a_test"
    __table_args__ = (unique_among_live("title"),)
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))


class Letter(Archivable, Base):
    __tablename__ = "letter_of_a_test"
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))
    drawer_id: Mapped[int] = mapped_column(ForeignKey(Drawer.id, ondelete="CASCADE"))


TABLES = own_tables(Drawer, Letter)


class DrawerPermission(Permission):
    READ = ("drawer:read", "drawers:read", "See drawers and letters.")
    WRITE = ("drawer:write", "drawers:write", "Change drawers and letters.")
    ARCHIVE = ("drawer:archive", "drawers:write", "Archive drawers and letters.")


class TitleTaken(Conflict):
    name = "title"
    sentence = "There is a drawer of this title."


class Fields(Object):
    title = Text(1, 50)


class Detail(Fields):
    """What is stored."""

    id = Id()
    archived = Moment(nullable=True)
    archived_by = Id(nullable=True)


class LetterResource(ArchivableItem[Letter]):
    noun, model = "letter", Letter
    letter: Any


class LetterCollection(Collection):
    item = LetterResource


class DrawerResource(ArchivableItem[Drawer]):
    children = {**ArchivableItem.children, "letters": LetterCollection}
    noun, model = "drawer", Drawer
    drawer: Any


class DrawerCollection(Collection):
    __acl__ = [(Allow, USER, EVERY_PERMISSION)]
    item = DrawerResource


DRAWERS = Listing(
    select(*Drawer.__table__.columns),
    by=Drawer.id,
    sort=(Drawer.title,),
    filters={"title": contains(Drawer.title), "archived": live_or_archived(Drawer)},
)
LETTERS = Listing(
    select(Letter).where(Letter.drawer_id == bindparam("drawer_id")),
    by=Letter.id,
    filters={"archived": live_or_archived(Letter)},
)
READ, WRITE, ARCHIVE = DrawerPermission
TAKEN = {"ix_drawer_of_a_test_title": TitleTaken}


def archive(request: Any) -> Any:
    return request.context.above(ArchivableItem).archive()


def restore(request: Any) -> Any:
    return request.context.above(ArchivableItem).restore()


def drawers(config: Configurator) -> None:
    config.set_security_policy(CallerPolicy())
    config.add_scope("drawers:read", "See drawers.")
    config.add_scope("drawers:write", "Change drawers.")
    config.add_node("drawers", DrawerCollection)
    drawer, letter = "/drawers/{drawer_id}", "/drawers/{drawer_id}/letters/{letter_id}"
    may, fields = (READ, WRITE), {"takes": Fields, "returns": Detail}
    made = {"makes": Drawer, "taken": TAKEN}
    serve(config, "/drawers/", *may, lists=DRAWERS, **made, **fields)
    serve(config, drawer, *may, "GET PATCH DELETE", taken=TAKEN, **fields)
    serve(config, f"{drawer}/letters/", *may, lists=LETTERS, makes=Letter, **fields)
    serve(config, letter, *may, "DELETE")
    for path in (drawer, letter):
        serve(config, f"{path}/archive", ARCHIVE, returns=Detail, post=archive)
    path = f"{drawer}/restore"
    serve(config, path, ARCHIVE, returns=Detail, taken=TAKEN, post=restore)
