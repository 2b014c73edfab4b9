"""Session.lock and Session.change: what the ORM does for an entity, by statements."""

import pytest
from sqlalchemy import ForeignKey, String, event, inspect, update
from sqlalchemy.orm import (
    Mapped,
    Mapper,
    deferred,
    mapped_column,
    reconstructor,
    relationship,
    validates,
)
from sqlalchemy.orm import Session as AnySession

from apiserver.core.db import Audited, Base, PrimaryKey, Session, Timestamped
from apiserver.core.db.changes import changes_of
from tests.core.tables import own_tables


class Plant(Timestamped, Base):
    __tablename__ = "plant_of_a_test"
    __audit__ = Audited("plant", ("label",))
    id: Mapped[PrimaryKey]
    label: Mapped[str] = mapped_column(String(20))
    genus: Mapped[str | None] = mapped_column("of_genus", String(20))
    about: Mapped[str | None] = deferred(mapped_column(String(20)))
    words: Mapped[tuple[str, ...]]
    leaves: Mapped[list["Leaf"]] = relationship(lambda: Leaf, order_by=lambda: Leaf.id)


class Leaf(Base):
    __tablename__ = "leaf_of_a_test"
    id: Mapped[PrimaryKey]
    plant_id: Mapped[int] = mapped_column(ForeignKey(Plant.id))


class Animal(Base):
    __tablename__ = "animal_of_a_test"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}
    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    name: Mapped[str]


class Dog(Animal):
    __mapper_args__ = {"polymorphic_identity": "dog"}


class Checked(Base):
    """Somebody listens to all that becomes of it."""

    __tablename__ = "checked_of_a_test"
    id: Mapped[PrimaryKey]
    name: Mapped[str]

    @reconstructor
    def begin(self):
        self.heard = ["load"]

    @validates("name")
    def check_name(self, key, name):
        return name.upper()


class Versioned(Base):
    __tablename__ = "versioned_of_a_test"
    id: Mapped[PrimaryKey]
    name: Mapped[str]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


TABLES = own_tables(Plant, Leaf, Animal, Checked, Versioned)


@pytest.fixture
def session(connection):
    for table in TABLES:
        table.create(connection)
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def add(session):
    """A function that stores an entity, of which the session knows nothing then."""

    def add(entity):
        session.add(entity)
        session.flush()
        session.expunge_all()
        return entity

    return add


def values_of(entity):
    return {n: v for n, v in vars(entity).items() if n != "_sa_instance_state"}


@pytest.fixture
def plant(session, add):
    plant = Plant(label="oak", genus="Quercus", about="tall", words=("a", "b"))
    plant.leaves = [Leaf()]
    add(plant)
    changes_of(session).by_row.clear()
    return plant


@pytest.fixture
def locked(session, plant):
    return session.lock(Plant, plant.id)


def noted(session):
    return [(each.action, each.target) for each in changes_of(session).by_row.values()]


class TestLock:
    def test_is_none_without_a_row(self, session):
        assert session.lock(Plant, 7) is None
        assert session.lock(Animal, 7) is None

    def test_is_what_the_orm_would_load(self, session, locked):
        values = values_of(locked)
        session.expunge_all()
        assert values_of(session.get(Plant, locked.id)) == values
        assert "about" not in values

    def test_is_an_entity_of_the_session(self, session, locked):
        assert inspect(locked).persistent
        assert session.get(Plant, locked.id) is locked
        assert not session.dirty
        assert locked.about == "tall"
        assert [leaf.plant_id for leaf in locked.leaves] == [locked.id]
        locked.label = "elm"
        assert locked in session.dirty
        session.flush()
        session.expire(locked)
        assert locked.label == "elm"

    def test_is_read_anew(self, session, plant):
        known = session.get(Plant, plant.id)
        assert len(known.leaves) == 1
        known.genus = "Ulmus"
        session.flush()
        session.run(update(Plant).values(label="elm"))
        session.insert(Leaf, plant_id=plant.id)
        assert known.label == "oak"
        assert session.lock(Plant, plant.id) is known
        assert (known.label, known.genus, len(known.leaves)) == ("elm", "Ulmus", 2)

    def test_is_of_its_own_class(self, session, add):
        add(Dog(name="Rex"))
        assert type(session.lock(Animal, 1)) is Dog

    def test_is_loaded_where_somebody_listens(self, session, add):
        add(Checked(name="a"))
        assert session.lock(Checked, 1).heard == ["load"]


class TestChange:
    def test_is_written_and_noted(self, session, locked):
        before = locked.updated
        session.change(locked, label="elm", words=("c",))
        assert (locked.label, locked.words, locked.genus) == ("elm", ("c",), "Quercus")
        assert locked.updated > before
        assert locked not in session.dirty
        assert noted(session) == [("plant_changed", "plant:elm label,words")]
        values = values_of(locked)
        session.expire_all()
        session.refresh(locked, values.keys())
        assert values_of(locked) == values

    def test_takes_along_what_was_set_before(self, session, locked):
        locked.words = ("c",)
        session.change(locked, label="elm")
        assert noted(session) == [
            ("plant_changed", "plant:oak words"),
            ("plant_changed", "plant:elm label"),
        ]
        session.refresh(locked)
        assert (locked.label, locked.words) == ("elm", ("c",))

    def test_is_of_any_column_or_relationship(self, session, locked):
        leaves = [*locked.leaves, Leaf()]
        for name, value in (("genus", "Ulmus"), ("about", "small"), ("leaves", leaves)):
            session.change(locked, **{name: value})
            session.expire(locked)
            assert getattr(locked, name) == value

    @pytest.mark.parametrize(
        ("source", "name"),
        [
            (Plant, "before_update"),
            (Plant, "after_update"),
            (Mapper, "before_update"),
            (AnySession, "before_flush"),
        ],
    )
    def test_is_heard(self, session, locked, source, name):
        heard = []

        def listen(*args):
            heard.append((locked.label, locked in session.dirty))

        event.listen(source, name, listen)
        try:
            session.change(locked, label="elm")
        finally:
            event.remove(source, name, listen)
        session.change(locked, label="ash")
        assert heard == [("elm", True)]
        assert noted(session)[0] == ("plant_changed", "plant:elm label")

    def test_is_validated_by_the_model(self, session, add):
        add(Checked(name="a"))
        locked = session.lock(Checked, 1)
        session.change(locked, name="b")
        session.refresh(locked)
        assert locked.name == "B"

    def test_has_a_version(self, session, add):
        add(Versioned(name="a"))
        locked = session.lock(Versioned, 1)
        session.change(locked, name="b")
        assert (locked.name, locked.version) == ("b", 2)
