"""References: to objects that exist and that the caller sees, which stay meanwhile."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.authorization import Allow
from pyramid.exceptions import ConfigurationError
from sqlalchemy import ForeignKey, String, bindparam, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from apiserver.core.db import Base, ListOf, PrimaryKey
from apiserver.core.endpoints import ApiService
from apiserver.core.openapi import own_document
from apiserver.core.schemas import Id, List, Object, Reference, Set, Text
from apiserver.core.tree import USER, Collection, Item, Permission, Role, SecurityPolicy
from tests.client import Client
from tests.core.things import identity
from tests.patches import op, replace
from tests.problems import invalid

NO_OBJECT = "Is not the id of an object that you can see."
OWNER = Role("crate:owner", "the owner of the crate")
MISSING = 2**62


CALLERS = {
    "ada": identity(1),
    "ada writes": identity(1, "write"),
    "bob": identity(2),
    "admin": identity(3, admin=True),
}


class Callers(SecurityPolicy):
    """As things has them, with the ids that accounts have."""

    def identity(self, request):
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


class Permissions(Permission):
    SEE = ("crate:read", "things:read", "See a crate.")
    DO = ("box:do", "things:write", "Do anything with boxes.")


class CrateResource(Item[Crate]):
    __acl__ = [(Allow, OWNER, [Permissions.SEE])]
    noun, model = "crate", Crate
    crate: Any

    def local_roles(self, user):
        return (OWNER,) if user.id == self.crate.owner_id else ()


class CrateCollection(Collection):
    item = CrateResource


class BoxResource(Item[Box]):
    noun, model = "box", Box


class BoxCollection(Collection):
    __acl__ = [(Allow, USER, [Permissions.DO])]
    item = BoxResource


class CrateDetail(Object):
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


def act(request):
    """Do what the test says while the request is under way."""


def boxes(config):
    config.set_security_policy(Callers())
    config.add_scope("things:read", "See things.")
    config.add_scope("things:write", "Change things.")
    config.registry.act = act
    config.add_node("crates", CrateCollection)
    config.add_node("boxes", BoxCollection)
    crate = ApiService("crate", "/crates/{crate_id}")
    collection = ApiService("boxes", "/boxes/")
    box = ApiService("box", "/boxes/{box_id}")

    @crate.get(permission=Permissions.SEE, returns=CrateDetail)
    def get_crate(request):
        """See a crate."""
        return request.context.crate

    @collection.post(permission=Permissions.DO, takes=BoxFields, returns=BoxDetail)
    def create_box(request):
        """Pack a box."""
        request.registry.act(request)
        return request.db.insert(Box, **request.validated["body"])

    @collection.put(permission=Permissions.DO, takes=Shipment)
    def ship(request):
        """Pack several boxes."""

    @box.patch(permission=Permissions.DO, takes=BoxFields, returns=BoxDetail)
    def patch_box(request):
        """Change a box."""
        return request.context.patch()

    for service in (crate, collection, box):
        config.add_cornice_service(service)


@pytest.fixture(scope="module")
def app(make_core_app, make_database):
    app = make_core_app(boxes, **{"sqlalchemy.url": make_database()})
    OwnBase.metadata.create_all(app.registry.engine)
    return app


@pytest.fixture
def crates(app):
    """Two crates of Ada's, and one of Bob's."""
    with Session(app.registry.engine) as session:
        session.execute(delete(Box))
        session.execute(delete(Crate))
        made = [Crate(owner_id=number) for number in (1, 1, 2)]
        session.add_all(made)
        session.commit()
        ada, more, bob = (crate.id for crate in made)
    return SimpleNamespace(ada=ada, more=more, bob=bob)


@pytest.fixture
def send(app, crates):
    """A function that sends a request as someone; the response."""

    def send(method, path, json, caller="ada"):
        headers = {"X-Caller": caller}
        return Client(app).call(method, f"/api/v1{path}", json=json, headers=headers)

    return send


@pytest.fixture
def box(app, crates):
    """The URL of a box in Ada's crate, which refers to Bob's since another time."""
    with Session(app.registry.engine) as session:
        made = Box(crate_id=crates.ada, others=(crates.bob,), number=crates.bob)
        session.add(made)
        session.commit()
        return f"/boxes/{made.id}"


class TestPost:
    def test_refers_to_what_the_caller_sees(self, send, crates):
        fields = {"crate_id": crates.ada, "others": [crates.more, crates.ada]}
        response = send("POST", "/boxes/", fields)
        assert response.status_int == 201, response.text
        number = response.json["id"]
        assert response.json == {"title": None, "number": None, **fields, "id": number}

    def test_may_refer_to_nothing(self, send):
        response = send("POST", "/boxes/", {"crate_id": None})
        assert (response.status_int, response.json["crate_id"]) == (201, None)

    def test_says_the_same_of_what_is_hidden_and_of_what_is_missing(self, send, crates):
        for key in (crates.bob, MISSING):
            response = send("POST", "/boxes/", {"crate_id": key})
            assert response.json == invalid(crate_id=NO_OBJECT)
        others = [crates.ada, MISSING, crates.bob]
        response = send("POST", "/boxes/", {"others": others})
        expected = {"others.1": NO_OBJECT, "others.2": NO_OBJECT}
        assert response.json == invalid(**expected)

    def test_asks_for_what_get_demands(self, send, crates):
        """Bob sees his crate; a token without the scope sees none."""
        fields = {"crate_id": crates.bob}
        assert send("POST", "/boxes/", fields, "bob").status_int == 201
        refused = send("POST", "/boxes/", {"crate_id": crates.ada}, "ada writes")
        assert refused.json == invalid(crate_id=NO_OBJECT)
        assert send("POST", "/boxes/", fields, "admin").status_int == 201

    def test_refers_from_inside_of_objects(self, send, crates):
        shipped = [{"crate_id": crates.ada}, {"others": [crates.bob]}]
        response = send("PUT", "/boxes/", {"boxes": shipped})
        assert response.json == invalid(**{"boxes.1.others.0": NO_OBJECT})
        assert send("PUT", "/boxes/", {"boxes": shipped[:1]}).status_int == 204


class TestPatch:
    def test_takes_what_the_caller_sees(self, send, box, crates):
        patch = [replace("crate_id", crates.more)]
        assert send("PATCH", box, patch).json["crate_id"] == crates.more
        assert send("PATCH", box, [op("remove", "/crate_id")]).json["crate_id"] is None

    @pytest.mark.parametrize("key", ["bob", "missing"])
    def test_refuses_another(self, send, box, crates, key):
        number = getattr(crates, key, MISSING)
        response = send("PATCH", box, [replace("crate_id", number)])
        assert response.json == invalid(crate_id=NO_OBJECT)
        send("PATCH", box, [replace("number", number)])
        response = send("PATCH", box, [op("copy", "/crate_id", source="/number")])
        assert response.json == invalid(crate_id=NO_OBJECT)

    def test_leaves_alone_what_is_stored(self, send, box, crates):
        """Who adds to a list need not see what others have put there."""
        add = op("add", "/others/-", value=crates.more)
        assert send("PATCH", box, [add]).json["others"] == [crates.bob, crates.more]
        assert send("PATCH", box, [replace("title", "x")]).status_int == 200
        added = op("add", "/others/0", value=MISSING)
        refused = send("PATCH", box, [added])
        assert refused.json == invalid(**{"others.0": NO_OBJECT})

    def test_tests_what_it_does_not_write(self, send, box, crates):
        test = op("test", "/others/0", value=crates.bob)
        assert send("PATCH", box, [test]).status_int == 200


class TestDocument:
    def test_says_what_is_refused(self, app):
        post = own_document(app.registry)["paths"]["/boxes/"]["post"]
        shown = post["responses"]["422"]["x-examples"]
        errors = [error for each in shown.values() for error in each["errors"]]
        refused = {"location": "body", "name": "crate_id", "description": NO_OBJECT}
        assert refused in errors
        field = own_document(app.registry)["definitions"]["BoxFields"]["properties"]
        assert field["crate_id"] == {
            "type": "integer",
            "format": "int64",
            "minimum": 1,
            "example": 1,
            "description": "The id of an object that you can see.",
            "x-nullable": True,
        }


class TestStart:
    def test_fails_where_nobody_sees_the_objects(self, make_core_app):
        class Parcel(Object):
            box_id = Reference(BoxResource)

        def parcels(config):
            config.add_node("more", BoxCollection)
            service = ApiService("more", "/more/")

            @service.post(permission=Permissions.DO, takes=Parcel)
            def create_parcel(request):
                """Make a parcel."""

            config.add_cornice_service(service)

        with pytest.raises(ConfigurationError, match="refers to BoxResource"):
            make_core_app(boxes, parcels)

    def test_fails_where_the_url_lacks_a_key(self, make_core_app):
        class LidResource(Item[Box]):
            noun, model = "lid", Crate
            statement = select(Crate.id).where(Crate.id == bindparam("crate_id"))

        class LidCollection(Collection):
            item = LidResource

        class Parcel(Object):
            lid_id = Reference(LidResource)

        def lids(config):
            config.add_node("lids", LidCollection, below=CrateResource)
            config.add_node("more", BoxCollection)
            lid = ApiService("lid", "/crates/{crate_id}/lids/{lid_id}")
            more = ApiService("more", "/more/")

            @lid.get(permission=Permissions.SEE, returns=CrateDetail)
            def get_lid(request):
                """See a lid."""

            @more.post(permission=Permissions.DO, takes=Parcel)
            def create_parcel(request):
                """Make a parcel."""

            config.add_cornice_service(lid)
            config.add_cornice_service(more)

        with pytest.raises(ConfigurationError, match="but has no crate_id"):
            make_core_app(boxes, lids)
