"""A feature with all methods: tags of an album, which are named; Ada's album is 1."""

import re
from collections.abc import Iterator
from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey, constraints
from apiserver.core.endpoints import ApiService, in_bulk
from apiserver.core.http import Conflict
from apiserver.core.schemas import Flag, Id, List, Object, Text, Whole
from apiserver.core.tree import (
    USER,
    Collection,
    Item,
    KeyedItem,
    NoSuchNode,
    Permission,
    Resource,
    Role,
    Singleton,
)
from tests.core.serve import serve, show
from tests.core.tables import own_tables
from tests.recipes.callers import CallerPolicy

OWNER = Role("album:owner", "the owner of the album")


class Album(Base):
    __tablename__ = "album_of_a_test"
    id: Mapped[PrimaryKey]
    owner_id: Mapped[int]
    is_open: Mapped[bool]


class Tag(Base):
    __tablename__ = "tag_of_a_test"
    __table_args__ = (UniqueConstraint("album_id", "name"),)
    id: Mapped[PrimaryKey]
    album_id: Mapped[int] = mapped_column(ForeignKey(Album.id))
    name: Mapped[str] = mapped_column(String(20))
    weight: Mapped[int]


class AlbumSettings(Base):
    __tablename__ = "album_settings_of_a_test"
    album_id: Mapped[int] = mapped_column(ForeignKey(Album.id), primary_key=True)
    theme: Mapped[str] = mapped_column(String(20), default="light")
    motto: Mapped[str | None] = mapped_column(String(20))


class Motto(Base):
    __tablename__ = "motto_of_a_test"
    id: Mapped[PrimaryKey]
    text: Mapped[str] = mapped_column(String(20), default="Hello")


TABLES = own_tables(Album, Tag, AlbumSettings, Motto)


class AlbumPermission(Permission):
    READ = ("album:read", "albums:read", "See albums.")
    EDIT = ("album:edit", "albums:write", "Change albums.")
    TAG = ("album:tag", "albums:write", "Tag albums.")
    CLOSE = ("album:close", "albums:write", "Close and open albums.")


class TagCollection(Collection):
    """The tags of an album."""


class TagResource(KeyedItem[Tag]):
    children = {"uses": Resource}
    noun, model = "tag", Tag
    key_name, key_format, key_example = "name", "string", "sea"
    statement = select(*Tag.__table__.columns).where(Tag.name == bindparam("key"))
    creates = AlbumPermission.TAG
    tag: Any

    @staticmethod
    def parse_key(segment: str) -> str:
        if not re.fullmatch("[a-z]{1,20}", segment):
            raise NoSuchNode(segment)
        return segment


class SettingsResource(Singleton[AlbumSettings]):
    noun, model = "settings", AlbumSettings


class MottoResource(Singleton[Motto]):
    __acl__ = [(Allow, USER, [AlbumPermission.READ, AlbumPermission.EDIT])]
    noun, model = "motto", Motto


TagCollection.item = TagResource


class AlbumResource(Item[Album]):
    __acl__ = [
        (Allow, USER, [AlbumPermission.READ, AlbumPermission.TAG]),
        (Allow, OWNER, [AlbumPermission.EDIT, AlbumPermission.CLOSE]),
    ]
    noun, model = "album", Album
    children = {
        "tags": TagCollection,
        "close": Resource,
        "bulk": Resource,
        "settings": SettingsResource,
    }
    album: Any

    def local_roles(self, user: Any) -> Any:
        return (OWNER,) if user.id == self.album.owner_id else ()


class AlbumCollection(Collection):
    item = AlbumResource


class AlbumDetail(Object):
    """An album."""

    id = Id()
    is_open = Flag()


class TagFields(Object):
    """What a tag is made of."""

    name = Text(1, 20, example="sea")
    weight = Whole(0, 9, missing=1)


class TagDetail(TagFields):
    """A tag."""

    id = Id()


class Weight(Object):
    """What is said of a tag."""

    weight = Whole(0, 9, missing=1)


class SettingsFields(Object):
    """How an album looks."""

    theme = Text(1, 20, example="dark")
    motto = Text(1, 20, nullable=True, missing=None)


class MottoFields(Object):
    """What everybody reads."""

    text = Text(1, 20, missing="Hello")


class TagTaken(Conflict):
    name = "name"
    sentence = "The album has this tag already."


class AlreadyClosed(Conflict):
    sentence = "The album is closed already."


MOST = 5
READ, EDIT, TAG, CLOSE = AlbumPermission
TAKEN = {"uq_tag_of_a_test_album_id_name": TagTaken}


def close(request: Any) -> Any:
    found = request.context.above(AlbumResource).lock()
    if not found.is_open:
        raise AlreadyClosed
    found.is_open = False
    request.db.flush()
    return found


def actions_of_albums() -> Iterator[ApiService]:
    album = ApiService("album", "/albums/{album_id}")
    closing = ApiService("close", "/albums/{album_id}/close")
    declared: dict[str, Any] = {"permission": CLOSE, "errors": (AlreadyClosed,)}
    album.get(permission=READ, returns=AlbumDetail)(show)

    @album.post(**declared)
    def close_album(request: Any) -> None:
        """Close an album, and say nothing of it."""
        close(request)

    @closing.post(**declared, returns=AlbumDetail)
    def close_and_show(request: Any) -> Any:
        """Close an album."""
        return close(request)

    @closing.delete(permission=CLOSE, status=202)
    def open_album(request: Any) -> None:
        """Open an album, some day."""

    yield from (album, closing)


bulk = ApiService("bulk", "/albums/{album_id}/bulk")


@bulk.post(
    permission=EDIT,
    takes=List(TagFields(), MOST),
    returns=List(TagDetail()),
    status=201,
    errors=(TagTaken,),
)
def create_tags(request: Any) -> Any:
    """Add several tags."""
    above = request.context.above(AlbumResource).ids()

    def insert(values: Any) -> Any:
        with constraints(request.db, **TAKEN):
            return request.db.insert(Tag, **above, **values)

    return in_bulk(request, insert)


def put_tag(request: Any) -> Any:
    request.registry.meanwhile()
    return request.context.put()


def get_motto(request: Any) -> Any:
    """See the motto."""
    return request.context.motto


def put_motto(request: Any) -> None:
    """Change the motto."""
    request.context.put()


def nothing(request: Any) -> None:
    """Do nothing."""


def tags(config: Configurator) -> None:
    config.add_scope("albums:read", "See albums.")
    config.add_scope("albums:write", "Change albums.")
    config.set_security_policy(CallerPolicy())
    config.add_node("albums", AlbumCollection)
    config.add_node("motto", MottoResource)
    # What happens while a tag is put.
    config.registry.meanwhile = lambda: None
    for service in (*actions_of_albums(), bulk):
        config.add_cornice_service(service)
    path, may = "/albums/{album_id}", (READ, EDIT)
    made = {"takes": TagFields, "makes": Tag, "taken": TAKEN}
    serve(config, f"{path}/tags/", EDIT, **made, returns=TagDetail)
    tag, written = f"{path}/tags/{{name}}", {"takes": Weight, "returns": TagDetail}
    serve(config, tag, *may, "GET", **written, put=put_tag)
    serve(config, f"{tag}/uses", TAG, post=nothing)
    fields = {"takes": SettingsFields, "returns": SettingsFields}
    serve(config, f"{path}/settings", *may, "GET PUT PATCH DELETE", **fields)
    motto = ApiService("motto", "/motto")
    motto.get(permission=READ, returns=MottoFields)(get_motto)
    motto.put(permission=EDIT, takes=MottoFields)(put_motto)
    config.add_cornice_service(motto)
