"""A feature with a column of every type, each of which may be null: ``/parcels/``."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal as Exact
from enum import Enum
from typing import Any
from uuid import UUID

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db import Base, ExactNumeric, ListOf, PrimaryKey
from apiserver.core.lists import Listing, at_least, below, equals, is_null, one_of
from apiserver.core.schemas import (
    Choice,
    Date,
    Decimal,
    Duration,
    FreeJson,
    Id,
    List,
    Moment,
    Number,
    Object,
    Set,
    Text,
    Time,
    Url,
    Uuid,
)
from apiserver.core.tree import ANYONE, Collection, Item, Permission
from tests.core.serve import serve


class State(Enum):
    PACKED = "packed"
    SENT = "sent"


class OwnBase(DeclarativeBase):
    """Its tables are none of the project's."""

    type_annotation_map = Base.type_annotation_map


class Parcel(OwnBase):
    __tablename__ = "parcel_of_a_test"

    id: Mapped[PrimaryKey]
    title: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[State | None]
    due_on: Mapped[date | None]
    sent: Mapped[datetime | None]
    price: Mapped[Exact | None] = mapped_column(ExactNumeric(8, 2))
    weight: Mapped[float | None]
    opens: Mapped[time | None]
    takes: Mapped[timedelta | None]
    code: Mapped[UUID | None]
    url: Mapped[str | None] = mapped_column(String(60))
    extra: Mapped[dict[str, Any] | None]
    tags: Mapped[tuple[str, ...] | None] = mapped_column(ListOf(str))
    days: Mapped[tuple[date, ...] | None]
    states: Mapped[tuple[State, ...] | None] = mapped_column(ListOf(State))
    prices: Mapped[tuple[Exact, ...] | None]
    codes: Mapped[tuple[UUID, ...] | None]


class ParcelFields(Object):
    """What a parcel is made of."""

    title = Text(1, 20, nullable=True)
    state = Choice(State, nullable=True, missing=State.PACKED)
    due_on = Date(nullable=True, missing=None)
    sent = Moment(nullable=True, missing=None)
    price = Decimal(8, 2, nullable=True, missing=None)
    weight = Number(nullable=True, missing=None)
    opens = Time(nullable=True, missing=None)
    takes = Duration(nullable=True, missing=None)
    code = Uuid(nullable=True, missing=None)
    url = Url(60, nullable=True, missing=None)
    extra = FreeJson(200, 3, nullable=True, missing=None)
    tags = List(Text(1, 9), longest=2, nullable=True, missing=None)
    days = Set(Date(nullable=True), 3, nullable=True, missing=None)
    states = Set(Choice(State), 3, nullable=True, missing=None)
    prices = Set(Decimal(8, 2), 3, nullable=True, missing=None)
    codes = Set(Uuid(), 3, nullable=True, missing=None)


class ParcelDetail(ParcelFields):
    """A parcel."""

    id = Id()


PARCELS = Listing(
    select(*Parcel.__table__.columns),
    by=Parcel.id,
    sort=(
        Parcel.state,
        Parcel.due_on,
        Parcel.sent,
        Parcel.price,
        Parcel.weight,
        Parcel.opens,
        Parcel.takes,
        Parcel.code,
    ),
    filters={
        "state": equals(Parcel.state),
        "due_on": equals(Parcel.due_on),
        "due_from": at_least(Parcel.due_on),
        "due_to": below(Parcel.due_on),
        "price": equals(Parcel.price),
        "price_from": at_least(Parcel.price),
        "price_to": below(Parcel.price),
        "weight_from": at_least(Parcel.weight),
        "opens_to": below(Parcel.opens),
        "takes_from": at_least(Parcel.takes),
        "code": equals(Parcel.code),
        "code_to": below(Parcel.code),
        "any_state": one_of(Parcel.state),
        "any_due_on": one_of(Parcel.due_on),
        "any_price": one_of(Parcel.price),
        "any_takes": one_of(Parcel.takes),
        "any_code": one_of(Parcel.code),
        "no_price": is_null(Parcel.price),
    },
)


class ParcelPermission(Permission):
    DO = ("parcel:do", None, "Do anything with parcels.")


class ParcelResource(Item[Parcel]):
    noun, model = "parcel", Parcel


class ParcelCollection(Collection):
    __acl__ = [(Allow, ANYONE, [ParcelPermission.DO])]
    item = ParcelResource


def parcels(config: Configurator) -> None:
    config.add_node("parcels", ParcelCollection)
    do = ParcelPermission.DO
    fields = {"takes": ParcelFields, "returns": ParcelDetail}
    serve(config, "/parcels/", do, lists=PARCELS, makes=Parcel, **fields)
    serve(config, "/parcels/{parcel_id}", do, methods="GET PATCH", **fields)
