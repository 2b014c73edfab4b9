"""Features that stand on each other: clubs, their events, the tickets of these.

A club has a chair. Events are at ``/events/`` and below their clubs, tickets below each
event.
"""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import BigInteger, Boolean, ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.lists import ListFilter, Listing
from apiserver.core.schemas import Flag, Id, Object, Text
from apiserver.core.tree import (
    CALLER,
    USER,
    Collection,
    Item,
    Permission,
    Resource,
    Role,
)
from tests.core.serve import serve
from tests.core.tables import own_tables
from tests.recipes.callers import CallerPolicy

CHAIR = Role("club:chair", "the chair of the club")


class Club(Base):
    __tablename__ = "club_of_a_test"
    id: Mapped[PrimaryKey]
    chair_id: Mapped[int]


class Event(Base):
    __tablename__ = "event_of_a_test"
    id: Mapped[PrimaryKey]
    club_id: Mapped[int] = mapped_column(ForeignKey(Club.id))
    title: Mapped[str] = mapped_column(String(20))


class Ticket(Base):
    __tablename__ = "ticket_of_a_test"
    id: Mapped[PrimaryKey]
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id))


TABLES = own_tables(Club, Event, Ticket)


class ClubPermission(Permission):
    READ = ("club:read", "clubs:read", "See clubs.")


class EventPermission(Permission):
    READ = ("event:read", "events:read", "See events.")
    WRITE = ("event:write", "events:write", "Plan events.")
    SELL = ("event:sell", "events:write", "Sell tickets.")


class RulesResource(Resource):
    """What the feature of clubs has below a club itself."""


class ClubResource(Item[Club]):
    __acl__ = [(Allow, USER, [ClubPermission.READ])]
    noun, model = "club", Club
    children = {"rules": RulesResource}
    club: Any

    def local_roles(self, user: Any) -> Any:
        return (CHAIR,) if user.id == self.club.chair_id else ()


class ClubCollection(Collection):
    item = ClubResource


class EventResource(Item[Event]):
    noun, model = "event", Event
    statement = (
        select(Event.id, Event.title, Event.club_id, Club.chair_id)
        .join(Club, Club.id == Event.club_id)
        .where(Event.id == bindparam("key"))
    )
    event: Any

    def local_roles(self, user: Any) -> Any:
        return (CHAIR,) if user.id == self.event.chair_id else ()


class EventCollection(Collection):
    __acl__ = [
        (Allow, USER, [EventPermission.READ]),
        (Allow, CHAIR, [EventPermission.WRITE]),
    ]
    item = EventResource


class TicketResource(Item[Ticket]):
    noun, model = "ticket", Ticket


class TicketCollection(Collection):
    __acl__ = [(Allow, CHAIR, [EventPermission.SELL])]
    item = TicketResource


class ClubDetail(Object):
    id = Id()


class EventFields(Object):
    title = Text(1, 20, example="Ball")


class EventDetail(EventFields):
    id = Id()
    club_id = Id()


class TicketDetail(Object):
    id = Id()
    event_id = Id()


EVENTS = Listing(
    select(Event.id, Event.title, Event.club_id).where(
        Event.id >= bindparam("least", type_=BigInteger)
    ),
    by=Event.id,
    filters={
        "mine": ListFilter(
            Flag(description="Those of clubs that the caller chairs, or others."),
            Boolean(),
            lambda mine: (Event.club_id == CALLER) == mine,
        )
    },
)


def clubs(config: Configurator) -> None:
    config.add_scope("clubs:read", "See clubs.")
    config.set_security_policy(CallerPolicy())
    config.add_node("clubs", ClubCollection)
    read = ClubPermission.READ
    serve(config, "/clubs/{club_id}", read, methods="GET", returns=ClubDetail)


def events(config: Configurator) -> None:
    config.add_scope("events:read", "See events.")
    config.add_scope("events:write", "Plan events.")
    config.add_node("events", EventCollection)
    config.add_node("events", EventCollection, below=ClubResource)
    may = (EventPermission.READ, EventPermission.WRITE)
    fields = {"takes": EventFields, "returns": EventDetail}

    def list_events(request: Any) -> Any:
        return EVENTS.page_of(request, least=1)

    serve(config, "/events/", *may, get=list_events, lists=EVENTS, **fields)
    path = "/clubs/{club_id}/events/"
    serve(config, path, *may, get=list_events, lists=EVENTS, makes=Event, **fields)
    event = serve(config, "/events/{event_id}", *may, "GET PATCH DELETE", **fields)
    also = event.also_at("/clubs/{club_id}/events/{event_id}", "of_club")
    config.add_cornice_service(also)


def tickets(config: Configurator) -> None:
    config.add_node("tickets", TicketCollection, below=EventResource)
    path = "/clubs/{club_id}/events/{event_id}/tickets/{ticket_id}"
    serve(config, path, EventPermission.SELL, methods="GET", returns=TicketDetail)
