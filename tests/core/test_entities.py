"""The ORM as everybody knows it: entities and relationships, from end to end."""

import pytest
from pyramid.authorization import Allow
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.lists import Listing, contains
from apiserver.core.schemas import Id, List, Object, Text
from apiserver.core.tree import ANYONE, Collection, Item, Permission
from tests.client import Client
from tests.core.serve import serve
from tests.core.tables import empty, own_tables
from tests.paging import pages
from tests.patches import replace


class Shelf(Base):
    __tablename__ = "shelf_of_a_test"
    id: Mapped[PrimaryKey]
    room: Mapped[str] = mapped_column(String(20))
    # Not by the name "Book", which a project's own model may have.
    books: Mapped[list["Book"]] = relationship(
        lambda: Book,
        back_populates="shelf",
        order_by=lambda: Book.id,
        cascade="all, delete-orphan",
    )


class Book(Base):
    __tablename__ = "book_of_a_test"
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))
    shelf_id: Mapped[int] = mapped_column(ForeignKey(Shelf.id))
    shelf: Mapped[Shelf] = relationship(back_populates="books")


TABLES = own_tables(Shelf, Book)


def test_names_are_free_for_a_project_s_own_models():
    """Which name each other as text; a test may have a model of the same name."""

    class Whatnot(Base):
        __tablename__ = "whatnot_of_a_test"
        id: Mapped[PrimaryKey]

    own_tables(Whatnot)

    class Whatnot(Base):
        __tablename__ = "own_whatnot_of_a_test"
        id: Mapped[PrimaryKey]

    class Reader(Base):
        __tablename__ = "reader_of_a_test"
        id: Mapped[PrimaryKey]
        whatnot_id: Mapped[int] = mapped_column(ForeignKey(Whatnot.id))
        whatnot: Mapped["Whatnot"] = relationship()

    own_tables(Whatnot, Reader)
    assert Reader.whatnot.property.mapper.class_ is Whatnot


class BookFields(Object):
    title = Text(1, 50)


class BookSummary(BookFields):
    id = Id()


class ShelfFields(Object):
    room = Text(1, 20)


class ShelfDetail(ShelfFields):
    id = Id()
    books = List(BookSummary())


class ShelfCreate(ShelfFields):
    books = List(BookFields(), 10)


class ShelfPermission(Permission):
    USE = ("shelf:use", None, "Use the shelves.")


class ShelfResource(Item):
    noun, model = "shelf", Shelf


class ShelfCollection(Collection):
    item = ShelfResource
    __acl__ = [(Allow, ANYONE, [ShelfPermission.USE])]


SHELVES = Listing(
    select(Shelf).options(selectinload(Shelf.books)),
    by=Shelf.id,
    sort=(Shelf.room,),
    filters={"room": contains(Shelf.room)},
)


def create_shelf(request):
    """Create a shelf with books; it is written before it is shown."""
    values = request.validated["body"]
    made = Shelf(room=values["room"], books=[Book(**b) for b in values["books"]])
    request.db.add(made)
    return made


def get_shelf(request):
    """See a shelf; its books are loaded as they are written."""
    query = select(Shelf).where(Shelf.id == request.context.shelf.id)
    return request.db.execute(query).scalar_one()


def delete_shelf(request):
    """Delete a shelf and its books."""
    request.db.delete(request.context.lock())


def shelves(config):
    config.add_node("shelves", ShelfCollection)
    use, detail = ShelfPermission.USE, {"returns": ShelfDetail}
    created = {"takes": ShelfCreate, "post": create_shelf}
    serve(config, "/shelves/", use, lists=SHELVES, **created, **detail)
    special = {"get": get_shelf, "delete": delete_shelf}
    path, fields = "/shelves/{shelf_id}", {"takes": ShelfFields}
    serve(config, path, use, methods="PATCH", **special, **fields, **detail)


def shelf(number, room, **books):
    """Return what is shown of a shelf, whose books have these ids."""
    shown = [{"title": title, "id": book} for title, book in books.items()]
    return {"room": room, "id": number, "books": shown}


ATTIC = shelf(1, "Attic", Emma=1, Persuasion=2)
CELLAR = shelf(2, "Cellar", Middlemarch=3)
HALL = shelf(3, "Hall")
TO_LOFT = [replace("room", "Loft")]


@pytest.fixture(scope="module")
def app(make_stored_app):
    return make_stored_app(shelves, tables=TABLES)


@pytest.fixture
def client(app):
    """The client of an application with three shelves."""
    empty(app, *TABLES)
    client = Client(app)
    for made in (ATTIC, CELLAR, HALL):
        books = [{"title": book["title"]} for book in made["books"]]
        answer = client.post("/shelves/", {"room": made["room"], "books": books})
        assert (answer.status_int, answer.json) == (201, made)
        assert answer.headers["Location"] == f"/api/v1/shelves/{made['id']}"
    return client


class TestEntity:
    def test_is_patched(self, client):
        answer = client.get("/shelves/1")
        assert answer.json == ATTIC
        headers = {"If-Match": answer.headers["ETag"]}
        changed = client.patch("/shelves/1", TO_LOFT, headers=headers)
        assert (changed.status_int, changed.json) == (200, {**ATTIC, "room": "Loft"})
        assert client.get("/shelves/1").json == changed.json
        again = client.patch("/shelves/1", TO_LOFT, headers=headers)
        assert again.status_int == 412

    def test_is_deleted_with_what_belongs_to_it(self, client):
        assert client.delete("/shelves/1").status_int == 204
        assert client.get("/shelves/1").status_int == 401  # There might be one.
        assert client.get("/shelves/").json == [CELLAR, HALL]


class TestListOfEntities:
    @pytest.mark.parametrize(
        ("query", "rows", "total"),
        [
            ("", [ATTIC, CELLAR, HALL], 3),
            ("?sort=-room", [HALL, CELLAR, ATTIC], 3),
            ("?room=LL", [CELLAR, HALL], 2),
            ("?limit=1&offset=1", [CELLAR], 3),
            ("?limit=1&offset=3", [], 3),
        ],
    )
    def test_is_read_by_pages(self, client, query, rows, total):
        answer = client.get(f"/shelves/{query}")
        assert answer.json == rows
        assert answer.headers["X-Total-Count"] == str(total)

    def test_is_followed_by_its_links(self, client):
        there = pages(client, "/shelves/?limit=1&sort=room", "next")
        assert [page.json for page in there] == [[ATTIC], [CELLAR], [HALL]]
