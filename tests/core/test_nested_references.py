"""References to objects below others: below those of the URL, or wherever they are."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import PrimaryKey, Session
from apiserver.core.endpoints import ApiService
from apiserver.core.schemas import Id, Object, Reference
from apiserver.core.tree import Collection, Item
from tests.client import Client
from tests.conftest import SERVER
from tests.core.test_references import (
    MISSING,
    NO_OBJECT,
    BoxCollection,
    Crate,
    CrateResource,
    OwnBase,
    Permissions,
    act,
    boxes,
)
from tests.patches import replace
from tests.problems import invalid


class Lid(OwnBase):
    __tablename__ = "lid_of_a_test"

    id: Mapped[PrimaryKey]
    crate_id: Mapped[int] = mapped_column(ForeignKey(Crate.id))


class Sticker(OwnBase):
    __tablename__ = "sticker_of_a_test"

    id: Mapped[PrimaryKey]
    lid_id: Mapped[int] = mapped_column(ForeignKey(Lid.id))


class LidResource(Item[Lid]):
    noun, model = "lid", Lid
    lid: Any


class LidCollection(Collection):
    item = LidResource


class StickerResource(Item[Sticker]):
    noun, model = "sticker", Sticker


class StickerCollection(BoxCollection):
    item = StickerResource


class LidDetail(Object):
    id = Id()


class Label(Object):
    lid_id = Reference(LidResource)


def lids(config):
    config.add_node("lids", LidCollection, below=CrateResource)
    config.add_node("labels", StickerCollection)
    config.add_node("labels", BoxCollection, below=CrateResource)
    lid = ApiService("lid", "/crates/{crate_id}/lids/{lid_id}")
    labels = ApiService("labels", "/labels/")
    label = ApiService("label", "/labels/{sticker_id}")
    of_crate = ApiService("crate_labels", "/crates/{crate_id}/labels/")

    @lid.get(permission=Permissions.SEE, returns=LidDetail)
    def get_lid(request):
        """See a lid."""
        return request.context.lid

    @labels.post(permission=Permissions.DO, takes=Label, status=204)
    def create_label(request):
        """Label a lid."""
        request.registry.act(request)

    @of_crate.post(permission=Permissions.DO, takes=Label, status=204)
    def create_crate_label(request):
        """Label a lid of a crate."""

    @label.patch(permission=Permissions.DO, takes=Label, returns=LidDetail)
    def patch_label(request):
        """Change a label."""
        return request.context.patch()

    for service in (lid, labels, label, of_crate):
        config.add_cornice_service(service)


@pytest.fixture(scope="module")
def app(make_core_app, make_database):
    app = make_core_app(boxes, lids, **{"sqlalchemy.url": make_database()})
    OwnBase.metadata.create_all(app.registry.engine)
    return app


@pytest.fixture
def made(app):
    """Two crates of Ada's, and one of Bob's, each with a lid."""
    with Session(app.registry.engine) as session:
        crates = [session.insert(Crate, owner_id=number).id for number in (1, 1, 2)]
        lids = [session.insert(Lid, crate_id=crate).id for crate in crates]
        session.commit()
    names = ("ada", "more", "bob")
    return SimpleNamespace(
        crates=dict(zip(names, crates, strict=True)),
        lids={**dict(zip(names, lids, strict=True)), "missing": MISSING},
    )


@pytest.fixture
def label(app, made):
    """A function that labels a lid, below a crate or anywhere; the response."""

    def label(lid, crate="", caller="ada"):
        above = f"/crates/{made.crates[crate]}" if crate else ""
        return Client(app).call(
            "POST",
            f"/api/v1{above}/labels/",
            json={"lid_id": made.lids[lid]},
            headers={"X-Caller": caller},
        )

    return label


class TestAnywhere:
    @pytest.mark.parametrize("lid", ["ada", "more"])
    def test_refers_to_what_the_caller_sees(self, label, lid):
        assert label(lid).status_int == 204

    @pytest.mark.parametrize("lid", ["bob", "missing"])
    def test_refuses_what_he_does_not_see(self, label, lid):
        assert label(lid).json == invalid(lid_id=NO_OBJECT)
        assert label("bob", caller="bob").status_int == 204

    @pytest.mark.parametrize("key", ["bob", "missing", "none", "half"])
    def test_refuses_it_in_a_patch(self, app, made, key):
        with Session(app.registry.engine) as session:
            number = session.insert(Sticker, lid_id=made.lids["ada"]).id
            session.commit()
        value = {**made.lids, "none": 2**70, "half": 0.5}[key]
        path, headers = f"/api/v1/labels/{number}", {"X-Caller": "ada"}
        changes = [replace("lid_id", value)]
        response = Client(app).call("PATCH", path, json=changes, headers=headers)
        assert response.status_int == 422
        changes = [replace("lid_id", made.lids["more"])]
        response = Client(app).call("PATCH", path, json=changes, headers=headers)
        assert response.json == {"id": number}


class TestBelowTheSame:
    def test_refers_to_what_is_there(self, label):
        assert label("ada", "ada").status_int == 204

    @pytest.mark.parametrize("lid", ["more", "bob", "missing"])
    def test_refuses_what_is_elsewhere(self, label, lid):
        assert label(lid, "ada").json == invalid(lid_id=NO_OBJECT)

    def test_refuses_it_to_administrators(self, label):
        assert label("more", "ada", "admin").json == invalid(lid_id=NO_OBJECT)


@pytest.mark.skipif(SERVER is None, reason="SQLite has one lock for all")
@pytest.mark.parametrize(("model", "which"), [(Crate, "crates"), (Lid, "lids")])
def test_the_object_above_stays_until_the_transaction_ends(
    app, label, made, model, which
):
    engine, key = app.registry.engine, getattr(made, which)["ada"]

    def remove(request):
        with engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                connection.execute(delete(model).where(model.id == key))

    app.registry.act = remove
    try:
        assert label("ada").status_int == 204
    finally:
        app.registry.act = act
    with engine.connect() as connection:
        assert connection.scalar(select(model.id).where(model.id == key))
