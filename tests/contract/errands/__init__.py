"""A feature below teams, as another package would have one, for the walk.

It has what the project's own features lack: errands are replaced by PUT and added in
bulk; badges, which PUT makes, have names, a board has none.
"""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.endpoints import ApiService, Request, in_bulk
from apiserver.core.schemas import Id, List, Object, Text
from apiserver.core.tree import (
    USER,
    Collection,
    Item,
    KeyedItem,
    Permission,
    Resource,
    Singleton,
)
from apiserver.teams.models import Team
from apiserver.teams.permissions import LEADER, MEMBER
from apiserver.teams.resources import TeamResource


class OwnBase(DeclarativeBase):
    """Its tables are none of the project's, though they refer to these."""

    type_annotation_map = Base.type_annotation_map


class Errand(OwnBase):
    __tablename__ = "errand_of_a_test"
    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = mapped_column(ForeignKey(Team.id, ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(20))


class Badge(OwnBase):
    __tablename__ = "badge_of_a_test"
    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = mapped_column(ForeignKey(Team.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(20))


class Board(OwnBase):
    __tablename__ = "board_of_a_test"
    team_id: Mapped[int] = mapped_column(
        ForeignKey(Team.id, ondelete="CASCADE"), primary_key=True
    )
    title: Mapped[str] = mapped_column(String(20), default="To do")


class ErrandPermission(Permission):
    READ = ("errand:read", "errands:read", "See errands.")
    WRITE = ("errand:write", "errands:write", "Add and change errands.")
    MAKE = ("badge:make", "errands:write", "Make a badge.")


class ErrandResource(Item[Errand]):
    __acl__ = [
        (Allow, MEMBER, [ErrandPermission.READ]),
        (Allow, LEADER, [*ErrandPermission]),
    ]
    noun, model = "errand", Errand


class ErrandCollection(Collection):
    __acl__ = [(Allow, LEADER, [ErrandPermission.WRITE])]
    children = {"bulk": Resource}
    item = ErrandResource


class BadgeResource(KeyedItem[Badge]):
    __acl__ = [(Allow, LEADER, [ErrandPermission.WRITE])]
    noun, model = "badge", Badge
    key_format, key_example, key_name = "string", "hero", "name"
    statement = select(*Badge.__table__.columns).where(Badge.name == bindparam("key"))
    creates = ErrandPermission.MAKE

    @staticmethod
    def parse_key(segment: str) -> str:
        return segment[:20]


class BadgeCollection(Collection):
    __acl__ = [(Allow, USER, [ErrandPermission.MAKE])]
    item = BadgeResource


class BoardResource(Singleton[Board]):
    __acl__ = ErrandCollection.__acl__
    noun, model = "board", Board


class ErrandFields(Object):
    """What an errand is made of."""

    title = Text(1, 20, example="Buy milk")


class ErrandDetail(ErrandFields):
    """An errand."""

    id = Id()


READ = {"permission": ErrandPermission.READ}
WRITE = {"permission": ErrandPermission.WRITE}

bulk = ApiService("errand_bulk", "/teams/{team_id}/errands/bulk")
errand = ApiService("errand", "/teams/{team_id}/errands/{errand_id}")
badge = ApiService("badge", "/teams/{team_id}/badges/{badge_name}")
board = ApiService("board", "/teams/{team_id}/board")


def insert(request: Request, values: Any) -> Any:
    return request.db.insert(Errand, **request.context.ids(), **values)


@bulk.post(
    **WRITE,
    takes=List(ErrandFields(), 10),
    returns=List(ErrandDetail()),
    status=201,
)
def add_errands(request: Request) -> Any:
    """Add errands."""
    return in_bulk(request, lambda values: insert(request, values))


@errand.get(**READ, returns=ErrandDetail)
def get_errand(request: Request) -> Any:
    """See an errand."""
    return request.context.errand


@errand.put(**WRITE, takes=ErrandFields, returns=ErrandDetail)
def put_errand(request: Request) -> Any:
    """Replace an errand."""
    return request.context.put()


@badge.put(**WRITE, takes=ErrandFields, returns=ErrandFields)
def put_badge(request: Request) -> Any:
    """Write a badge."""
    return request.context.put()


@board.put(**WRITE, takes=ErrandFields)
def put_board(request: Request) -> None:
    """Replace the board of a team."""
    request.context.put()


def includeme(config: Configurator) -> None:
    config.require_feature("teams")
    config.add_scope("errands:read", "See errands.")
    config.add_scope("errands:write", "Change errands.")
    config.add_node("errands", ErrandCollection, below=TeamResource)
    config.add_node("badges", BadgeCollection, below=TeamResource)
    config.add_node("board", BoardResource, below=TeamResource)
    config.scan(".")
