"""References: to objects that exist and that the caller sees, which stay meanwhile."""

from types import SimpleNamespace

import pytest
from pyramid.exceptions import ConfigurationError
from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import OperationalError

from apiserver.core.db import Session
from apiserver.core.openapi import own_document
from apiserver.core.schemas import Object, Reference
from apiserver.core.tree import Collection, Item
from tests.client import Client
from tests.conftest import SERVER
from tests.core.crates import (
    DO,
    SEE,
    Box,
    BoxCollection,
    BoxResource,
    Crate,
    CrateResource,
    Detail,
    Label,
    Lid,
    OwnBase,
    crates,
)
from tests.core.serve import serve
from tests.core.tables import empty
from tests.patches import op, replace
from tests.problems import invalid

NO_OBJECT = "Is not the id of an object that you can see."
MISSING = 2**62
NO_CRATE, NO_LID = invalid(crate_id=NO_OBJECT), invalid(lid_id=NO_OBJECT)


@pytest.fixture(scope="module")
def app(make_stored_app):
    return make_stored_app(crates, tables=OwnBase.metadata.sorted_tables)


@pytest.fixture
def ids(app):
    """Two crates of Ada's, and one of Bob's, each with a lid; a box and a label.

    The box is in Ada's crate, and refers to Bob's since another time.
    """
    empty(app, *OwnBase.metadata.sorted_tables)
    with Session(app.registry.engine) as session:
        ada, more, bob = (session.insert(Crate, owner_id=n).id for n in (1, 1, 2))
        lids = {
            name: session.insert(Lid, crate_id=crate).id
            for name, crate in (("ada", ada), ("more", more), ("bob", bob))
        }
        box = session.insert(Box, crate_id=ada, others=(bob,), number=bob).id
        label = session.insert(Label, lid_id=lids["ada"]).id
        session.commit()
    lids["missing"] = MISSING
    return SimpleNamespace(
        ada=ada, more=more, bob=bob, lids=lids, box=f"/boxes/{box}", label=label
    )


@pytest.fixture
def send(app, ids):
    """A function that sends a request as someone; the response."""

    def send(method, path, json, caller="ada"):
        headers = {"X-Caller": caller}
        return Client(app).call(method, f"/api/v1{path}", json=json, headers=headers)

    return send


class TestPost:
    def test_refers_to_what_the_caller_sees(self, send, ids):
        fields = {"crate_id": ids.ada, "others": [ids.more, ids.ada]}
        response = send("POST", "/boxes/", fields)
        assert response.status_int == 201, response.text
        number = response.json["id"]
        assert response.json == {"title": None, "number": None, **fields, "id": number}
        assert send("POST", "/boxes/", {"crate_id": None}).json["crate_id"] is None

    def test_says_the_same_of_what_is_hidden_and_of_what_is_missing(self, send, ids):
        for key in (ids.bob, MISSING):
            assert send("POST", "/boxes/", {"crate_id": key}).json == NO_CRATE
        response = send("POST", "/boxes/", {"others": [ids.ada, MISSING, ids.bob]})
        expected = {"others.1": NO_OBJECT, "others.2": NO_OBJECT}
        assert response.json == invalid(**expected)

    def test_asks_for_what_get_demands(self, send, ids):
        """Bob sees his crate; a token without the scope sees none."""
        for caller in ("bob", "admin"):
            made = send("POST", "/boxes/", {"crate_id": ids.bob}, caller)
            assert made.status_int == 201
        refused = send("POST", "/boxes/", {"crate_id": ids.ada}, "ada writes")
        assert refused.json == NO_CRATE

    def test_refers_from_inside_of_objects(self, send, ids):
        shipped = [{"crate_id": ids.ada}, {"others": [ids.bob]}]
        response = send("PUT", "/shipments/", {"boxes": shipped})
        assert response.json == invalid(**{"boxes.1.others.0": NO_OBJECT})
        response = send("PUT", "/shipments/", {"boxes": shipped[:1]})
        assert response.status_int == 204


class TestPatch:
    def test_takes_what_the_caller_sees(self, send, ids):
        changed = send("PATCH", ids.box, [replace("crate_id", ids.more)])
        assert changed.json["crate_id"] == ids.more
        removed = send("PATCH", ids.box, [op("remove", "/crate_id")])
        assert removed.json["crate_id"] is None

    @pytest.mark.parametrize("key", ["bob", "missing"])
    def test_refuses_another(self, send, ids, key):
        number = getattr(ids, key, MISSING)
        refused = send("PATCH", ids.box, [replace("crate_id", number)])
        assert refused.json == NO_CRATE
        send("PATCH", ids.box, [replace("number", number)])
        copied = send("PATCH", ids.box, [op("copy", "/crate_id", source="/number")])
        assert copied.json == NO_CRATE

    def test_leaves_alone_what_is_stored(self, send, ids):
        """Who adds to a list need not see what others have put there."""
        changes = [
            op("test", "/others/0", value=ids.bob),
            op("add", "/others/-", value=ids.more),
        ]
        assert send("PATCH", ids.box, changes[:1]).status_int == 200
        added = send("PATCH", ids.box, changes)
        assert added.json["others"] == [ids.bob, ids.more]
        assert send("PATCH", ids.box, [replace("title", "x")]).status_int == 200
        refused = send("PATCH", ids.box, [op("add", "/others/0", value=MISSING)])
        assert refused.json == invalid(**{"others.0": NO_OBJECT})


class TestBelowOthers:
    """To lids, which are below crates: of the crate in the URL, or of any."""

    @pytest.fixture
    def label(self, send, ids):
        """A function that labels a lid, below Ada's crate or anywhere; the answer."""

        def label(lid, above="", caller="ada"):
            return send("POST", f"{above}/labels/", {"lid_id": ids.lids[lid]}, caller)

        return label

    def test_anywhere_are_to_what_the_caller_sees(self, label):
        assert [label(lid).status_int for lid in ("ada", "more")] == [204, 204]
        assert label("bob", caller="bob").status_int == 204
        for lid in ("bob", "missing"):
            assert label(lid).json == NO_LID

    def test_are_refused_in_a_patch(self, send, ids):
        path = f"/labels/{ids.label}"
        for value in (ids.lids["bob"], MISSING, 2**70, 0.5):
            refused = send("PATCH", path, [replace("lid_id", value)])
            assert refused.status_int == 422
        changed = send("PATCH", path, [replace("lid_id", ids.lids["more"])])
        assert changed.json == {"id": ids.label}

    def test_below_the_same_are_to_what_is_there(self, label, ids):
        above = f"/crates/{ids.ada}"
        assert label("ada", above).status_int == 204
        for lid in ("more", "bob", "missing"):
            assert label(lid, above).json == NO_LID
        assert label("more", above, "admin").json == NO_LID

    @pytest.mark.skipif(SERVER is None, reason="SQLite has one lock for all")
    @pytest.mark.parametrize("model", [Crate, Lid])
    def test_stay_until_the_transaction_ends(self, app, label, ids, model, monkeypatch):
        engine = app.registry.engine
        key = ids.ada if model is Crate else ids.lids["ada"]

        def remove(request):
            with engine.connect() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
                with pytest.raises(OperationalError, match="lock timeout"):
                    connection.execute(delete(model).where(model.id == key))

        monkeypatch.setattr(app.registry, "act", remove)
        assert label("ada").status_int == 204
        with engine.connect() as connection:
            assert connection.scalar(select(model.id).where(model.id == key))


def test_document_says_what_is_refused(app):
    document = own_document(app.registry)
    post = document["paths"]["/boxes/"]["post"]
    shown = post["responses"]["422"]["x-examples"]
    errors = [error for each in shown.values() for error in each["errors"]]
    refused = {"location": "body", "name": "crate_id", "description": NO_OBJECT}
    assert refused in errors
    assert document["definitions"]["BoxFields"]["properties"]["crate_id"] == {
        "type": "integer",
        "format": "int64",
        "minimum": 1,
        "example": 1,
        "description": "The id of an object that you can see.",
        "x-nullable": True,
    }


class OddResource(Item[Box]):
    noun, model = "odd", Crate
    statement = select(Crate.id).where(Crate.id == bindparam("crate_id"))


class OddCollection(Collection):
    item = OddResource


class TestStart:
    @pytest.mark.parametrize(
        ("resource", "sentence"),
        [
            (BoxResource, "refers to BoxResource"),
            (OddResource, "but has no crate_id"),
        ],
    )
    def test_fails_where_the_objects_can_not_be_found(
        self, make_core_app, resource, sentence
    ):
        """Of which nobody may see any, or whose key is not that of the URL."""

        class Parcel(Object):
            box_id = Reference(resource)

        def parcels(config):
            config.add_node("odds", OddCollection, below=CrateResource)
            config.add_node("more", BoxCollection)
            path = "/crates/{crate_id}/odds/{odd_id}"
            serve(config, path, SEE, methods="GET", returns=Detail)
            serve(config, "/more/", DO, takes=Parcel, post=print)

        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(crates, parcels)
