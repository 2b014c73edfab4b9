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
from apiserver.core.db import Base, PrimaryKey, constraints
from apiserver.core.endpoints import ApiService
from apiserver.core.http import Conflict
from apiserver.core.lists import Listing, contains
from apiserver.core.schemas import Id, Moment, Object, Text
from apiserver.core.tree import EVERY_PERMISSION, USER, Collection, Permission
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
READ, WRITE = DrawerPermission.READ, DrawerPermission.WRITE
DONE = {"permission": DrawerPermission.ARCHIVE, "returns": Detail}


def drawers(config: Configurator) -> None:
    config.set_security_policy(CallerPolicy())
    config.add_scope("drawers:read", "See drawers.")
    config.add_scope("drawers:write", "Change drawers.")
    config.add_node("drawers", DrawerCollection)
    for service in (*services_of_drawers(), *services_of_letters()):
        config.add_cornice_service(service)


def services_of_drawers() -> list[ApiService]:
    collection = ApiService("drawers", "/drawers/")
    drawer = ApiService("drawer", "/drawers/{drawer_id}")

    @collection.get(permission=READ, lists=DRAWERS, returns=Detail)
    def list_drawers(request: Any) -> Any:
        """List the drawers."""
        return DRAWERS.page_of(request)

    @collection.post(
        permission=WRITE, takes=Fields, returns=Detail, errors=(TitleTaken,)
    )
    def create_drawer(request: Any) -> Any:
        """Create a drawer."""
        with constraints(request.db, ix_drawer_of_a_test_title=TitleTaken):
            return request.db.insert(Drawer, **request.validated["body"])

    @drawer.get(permission=READ, returns=Detail)
    def get_drawer(request: Any) -> Any:
        """See a drawer."""
        return request.context.drawer

    @drawer.patch(permission=WRITE, takes=Fields, returns=Detail, errors=(TitleTaken,))
    def patch_drawer(request: Any) -> Any:
        """Rename a drawer."""
        with constraints(request.db, ix_drawer_of_a_test_title=TitleTaken):
            return request.context.patch()

    @drawer.delete(permission=WRITE)
    def delete_drawer(request: Any) -> None:
        """Delete a drawer and its letters."""
        request.context.delete()

    return [collection, drawer, *actions_of_drawers()]


def actions_of_drawers() -> list[ApiService]:
    archiving = ApiService("archive_drawer", "/drawers/{drawer_id}/archive")
    restoring = ApiService("restore_drawer", "/drawers/{drawer_id}/restore")

    @archiving.post(**DONE)
    def archive_drawer(request: Any) -> Any:
        """Archive a drawer."""
        return request.context.above(DrawerResource).archive()

    @restoring.post(**DONE, errors=(TitleTaken,))
    def restore_drawer(request: Any) -> Any:
        """Restore a drawer."""
        with constraints(request.db, ix_drawer_of_a_test_title=TitleTaken):
            return request.context.above(DrawerResource).restore()

    return [archiving, restoring]


def services_of_letters() -> list[ApiService]:
    letters = ApiService("letters", "/drawers/{drawer_id}/letters/")
    letter = ApiService("letter", "/drawers/{drawer_id}/letters/{letter_id}")
    archiving = ApiService(
        "archive_letter", "/drawers/{drawer_id}/letters/{letter_id}/archive"
    )

    @letters.get(permission=READ, lists=LETTERS, returns=Detail)
    def list_letters(request: Any) -> Any:
        """List the letters, as entities."""
        return LETTERS.page_of(request)

    @letters.post(permission=WRITE, takes=Fields, returns=Detail)
    def create_letter(request: Any) -> Any:
        """Put a letter into the drawer."""
        drawer_id = request.context.ids()["drawer_id"]
        values = request.validated["body"]
        return request.db.insert(Letter, drawer_id=drawer_id, **values)

    @letter.delete(permission=WRITE)
    def delete_letter(request: Any) -> None:
        """Throw a letter away."""
        request.context.delete()

    @archiving.post(**DONE)
    def archive_letter(request: Any) -> Any:
        """Archive a letter."""
        return request.context.above(LetterResource).archive()

    return [letters, letter, archiving]
