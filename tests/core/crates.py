"""Features that refer to what others see: boxes in crates, labels of crates' lids."""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from apiserver.core.db import Base, ListOf, PrimaryKey
from apiserver.core.endpoints import ApiService
from apiserver.core.schemas import Id, List, Object, Reference, Set, Text
from apiserver.core.tree import (
    USER,
    Collection,
    Identity,
    Item,
    Permission,
    Role,
    SecurityPolicy,
)
from tests.core.serve import serve
from tests.core.things import identity

OWNER = Role("crate:owner", "the owner of the crate")


CALLERS = {
    "ada": identity(1),
    "ada writes": identity(1, "write"),
    "bob": identity(2),
    "admin": identity(3, admin=True),
}


class Callers(SecurityPolicy):
    """As things has them, with the ids that accounts have."""

    def identity(self, request: Any) -> Identity:
        return CALLERS[request.headers["X-Caller"]]


class OwnBase(DeclarativeBase):
    type_annotation_map = Base.type_annotation_map


class Crate(OwnBase):
    __tablename__ = "crate_of_a_test"

    id: Mapped[PrimaryKey]
    owner_id: Mapped[int]


class Box(OwnBase):
    __tablename__ = "box_of_a_test"

    id: Mapped[PrimaryKey]
    title: Mapped[str | None] = mapped_column(String(9))
    number: Mapped[int | None]
    crate_id: Mapped[int | None] = mapped_column(ForeignKey(Crate.id))
    others: Mapped[tuple[int, ...]] = mapped_column(ListOf(int))


class Lid(OwnBase):
    __tablename__ = "lid_of_a_test"

    id: Mapped[PrimaryKey]
    crate_id: Mapped[int] = mapped_column(ForeignKey(Crate.id))


class Label(OwnBase):
    __tablename__ = "label_of_a_test"

    id: Mapped[PrimaryKey]
    lid_id: Mapped[int] = mapped_column(ForeignKey(Lid.id))


class Permissions(Permission):
    SEE = ("crate:read", "things:read", "See a crate.")
    DO = ("box:do", "things:write", "Do anything with boxes.")


SEE, DO = Permissions


class LidResource(Item[Lid]):
    noun, model = "lid", Lid


class LidCollection(Collection):
    item = LidResource


class CrateResource(Item[Crate]):
    __acl__ = [(Allow, OWNER, [SEE])]
    noun, model = "crate", Crate
    children = {"lids": LidCollection}
    crate: Any

    def local_roles(self, user: Any) -> Any:
        return (OWNER,) if user.id == self.crate.owner_id else ()


class CrateCollection(Collection):
    item = CrateResource


class BoxResource(Item[Box]):
    noun, model = "box", Box


class BoxCollection(Collection):
    __acl__ = [(Allow, USER, [DO])]
    item = BoxResource


class LabelResource(Item[Label]):
    noun, model = "label", Label


class LabelCollection(BoxCollection):
    item = LabelResource


class Detail(Object):
    id = Id()


class BoxFields(Object):
    title = Text(1, 9, nullable=True, missing=None)
    number = Id(nullable=True, missing=None)
    crate_id = Reference(CrateResource, nullable=True, missing=None)
    others = Set(Reference(lambda: CrateResource), 5, missing=())


class BoxDetail(BoxFields):
    id = Id()


class Shipment(Object):
    boxes = List(BoxFields(), 3)


class LabelFields(Object):
    lid_id = Reference(LidResource)


def act(request: Any) -> None:
    """Do what the test says while the request is under way."""
    request.registry.act(request)


def crates(config: Configurator) -> None:
    config.set_security_policy(Callers())
    config.add_scope("things:read", "See things.")
    config.add_scope("things:write", "Change things.")
    config.registry.act = lambda request: None
    config.add_node("crates", CrateCollection)
    config.add_node("boxes", BoxCollection)
    config.add_node("labels", LabelCollection)
    config.add_node("labels", BoxCollection, below=CrateResource)
    config.add_node("shipments", BoxCollection)
    crate, fields = "/crates/{crate_id}", {"takes": BoxFields, "returns": BoxDetail}
    serve(config, crate, SEE, methods="GET", returns=Detail)
    serve(config, f"{crate}/lids/{{lid_id}}", SEE, methods="GET", returns=Detail)
    serve(config, "/boxes/", DO, makes=Box, **fields)
    serve(config, "/boxes/{box_id}", DO, methods="PATCH", **fields)
    serve(config, "/shipments/", DO, takes=Shipment, put=act)
    label = {"takes": LabelFields, "returns": Detail}
    serve(config, "/labels/{label_id}", DO, methods="PATCH", **label)
    for path in ("/labels/", f"{crate}/labels/"):
        labels = ApiService(path, path)
        labels.post(permission=DO, takes=LabelFields, status=204)(act)
        config.add_cornice_service(labels)
