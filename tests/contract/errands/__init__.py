"""A feature below teams, as another package would have one, for the walk.

Errands are at two URLs, and may be added in bulk; badges have names, a board has none.
"""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String, and_, bindparam, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.endpoints import ApiService, Request, in_bulk
from apiserver.core.lists import Listing
from apiserver.core.schemas import Id, List, Object, Text
from apiserver.core.tree import (
    CALLER,
    KEY,
    USER,
    Collection,
    Item,
    KeyedItem,
    Permission,
    Resource,
    Singleton,
)
from apiserver.teams.models import Team, TeamMember
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
    DONE = ("errand:done", "errands:write", "Be done with an errand.")


class ErrandResource(Item[Errand]):
    __acl__ = [
        (Allow, MEMBER, [ErrandPermission.READ, ErrandPermission.DONE]),
        (Allow, LEADER, [*ErrandPermission]),
    ]
    children = {"done": Resource}
    noun, model = "errand", Errand
    statement = (
        select(*Errand.__table__.columns, TeamMember.is_leader)
        .outerjoin(
            TeamMember,
            and_(TeamMember.team_id == Errand.team_id, TeamMember.user_id == CALLER),
        )
        .where(Errand.id == KEY)
    )

    def local_roles(self, user: Any) -> Any:
        return {None: (), True: (LEADER,), False: (MEMBER,)}[self.errand.is_leader]


class ErrandCollection(Collection):
    __acl__ = [
        (Allow, MEMBER, [ErrandPermission.READ]),
        (Allow, LEADER, [ErrandPermission.WRITE]),
    ]
    children = {"bulk": Resource}
    item = ErrandResource


class BadgeResource(KeyedItem[Badge]):
    __acl__ = [(Allow, LEADER, [ErrandPermission.WRITE])]
    noun, model = "badge", Badge
    key_format, key_example, key_name = "string", "hero", "name"
    statement = select(*Badge.__table__.columns).where(Badge.name == bindparam("key"))
    creates = ErrandPermission.DONE

    @staticmethod
    def parse_key(segment: str) -> str:
        return segment[:20]


class BadgeCollection(Collection):
    __acl__ = [(Allow, USER, [ErrandPermission.DONE])]
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


ERRANDS = Listing(
    select(Errand.id, Errand.title).where(Errand.team_id == bindparam("team_id")),
    by=Errand.id,
)
READ = {"permission": ErrandPermission.READ}
WRITE = {"permission": ErrandPermission.WRITE}

bulk = ApiService("errand_bulk", "/teams/{team_id}/errands/bulk")
errands = ApiService("errands", "/teams/{team_id}/errands/")
errand = ApiService("errand", "/teams/{team_id}/errands/{errand_id}")
done = ApiService("errand_done", "/teams/{team_id}/errands/{errand_id}/done")
badge = ApiService("badge", "/teams/{team_id}/badges/{badge_name}")
board = ApiService("board", "/teams/{team_id}/board")


def insert(request: Request, values: Any) -> Any:
    return request.db.insert(Errand, **request.context.ids(), **values)


@errands.get(**READ, lists=ERRANDS, returns=ErrandDetail)
def list_errands(request: Request) -> Any:
    """List the errands of a team."""
    return ERRANDS.page_of(request)


@errands.post(**WRITE, takes=ErrandFields, returns=ErrandDetail)
def add_errand(request: Request) -> Any:
    """Add an errand."""
    return insert(request, request.validated["body"])


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


@errand.patch(**WRITE, takes=ErrandFields, returns=ErrandDetail)
def patch_errand(request: Request) -> Any:
    """Change an errand."""
    return request.context.patch()


@errand.delete(**WRITE)
def delete_errand(request: Request) -> None:
    """Delete an errand."""
    request.context.delete()


@errand.post(permission=ErrandPermission.DONE, returns=ErrandDetail)
def start_errand(request: Request) -> Any:
    """Start with an errand."""
    return request.context.lock()


@done.post(permission=ErrandPermission.DONE)
def end_errand(request: Request) -> None:
    """Be done with an errand."""
    request.context.above(ErrandResource).lock()


@badge.put(**WRITE, takes=ErrandFields, returns=ErrandFields)
def put_badge(request: Request) -> Any:
    """Write a badge."""
    return request.context.put()


@board.get(**READ, returns=ErrandFields)
def get_board(request: Request) -> Any:
    """See the board of a team."""
    return request.context.board


@board.put(**WRITE, takes=ErrandFields)
def put_board(request: Request) -> None:
    """Replace the board of a team."""
    request.context.put()


@board.patch(**WRITE, takes=ErrandFields, returns=ErrandFields)
def patch_board(request: Request) -> Any:
    """Change the board of a team."""
    return request.context.patch()


also_errand = errand.also_at("/errands/{errand_id}", "alone")


def includeme(config: Configurator) -> None:
    config.require_feature("teams")
    config.add_scope("errands:read", "See errands.")
    config.add_scope("errands:write", "Change errands.")
    config.add_node("errands", ErrandCollection)
    config.add_node("errands", ErrandCollection, below=TeamResource)
    config.add_node("badges", BadgeCollection, below=TeamResource)
    config.add_node("board", BoardResource, below=TeamResource)
    config.scan(".")
