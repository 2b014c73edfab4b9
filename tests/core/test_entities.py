"""The ORM as everybody knows it: entities and relationships, from end to end."""

import pytest
from pyramid.authorization import Allow
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from apiserver.core.db import Base, PrimaryKey
from apiserver.core.endpoints import ApiService
from apiserver.core.lists import Listing, contains
from apiserver.core.schemas import Id, List, Object, Text
from apiserver.core.tree import ANYONE, Collection, Item, Permission
from tests.client import Client
from tests.core.tables import own_tables
from tests.paging import relations


class Shelf(Base):
    __tablename__ = "shelf_of_a_test"
    id: Mapped[PrimaryKey]
    room: Mapped[str] = mapped_column(String(20))
    books: Mapped[list["Book"]] = relationship(
        back_populates="shelf", order_by="Book.id", cascade="all, delete-orphan"
    )


class Book(Base):
    __tablename__ = "book_of_a_test"
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(50))
    shelf_id: Mapped[int] = mapped_column(ForeignKey(Shelf.id))
    shelf: Mapped[Shelf] = relationship(back_populates="books")


TABLES = own_tables(Shelf, Book)


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


def shelves(config):
    config.add_node("shelves", ShelfCollection)
    collection = ApiService("shelves", "/shelves/")
    shelf = ApiService("shelf", "/shelves/{shelf_id}")
    use = ShelfPermission.USE

    @collection.get(permission=use, lists=SHELVES, returns=ShelfDetail)
    def list_shelves(request):
        """List the shelves."""
        return SHELVES.page_of(request)

    @collection.post(permission=use, takes=ShelfCreate, returns=ShelfDetail)
    def create_shelf(request):
        """Create a shelf with books; it is written before it is shown."""
        values = request.validated["body"]
        made = Shelf(room=values["room"], books=[Book(**b) for b in values["books"]])
        request.db.add(made)
        return made

    @shelf.get(permission=use, returns=ShelfDetail)
    def get_shelf(request):
        """See a shelf; its books are loaded as they are written."""
        query = select(Shelf).where(Shelf.id == request.context.shelf.id)
        return request.db.execute(query).scalar_one()

    @shelf.patch(permission=use, takes=ShelfFields, returns=ShelfDetail)
    def patch_shelf(request):
        """Change the room of a shelf."""
        return request.context.patch()

    @shelf.delete(permission=use)
    def delete_shelf(request):
        """Delete a shelf and its books."""
        request.db.delete(request.context.lock())

    config.add_cornice_service(collection)
    config.add_cornice_service(shelf)


@pytest.fixture
def client(make_core_app, make_database):
    app = make_core_app(shelves, **{"sqlalchemy.url": make_database()})
    Base.metadata.create_all(app.registry.engine, TABLES)
    yield Client(app)
    Base.metadata.drop_all(app.registry.engine, TABLES)


def books(*titles):
    return [{"title": title} for title in titles]


def found(room, number, *titles, first=1):
    pairs = enumerate(titles, start=first)
    stored = [{"title": title, "id": n} for n, title in pairs]
    return {"room": room, "id": number, "books": stored}


ATTIC = found("Attic", 1, "Emma", "Persuasion")
CELLAR = found("Cellar", 2, "Middlemarch", first=3)
HALL = found("Hall", 3)


@pytest.fixture
def filled(client):
    for shelf in (ATTIC, CELLAR, HALL):
        titles = [book["title"] for book in shelf["books"]]
        sent = {"room": shelf["room"], "books": books(*titles)}
        answer = client.post("/shelves/", sent)
        assert (answer.status_int, answer.json) == (201, shelf)
        assert answer.headers["Location"] == f"/api/v1/shelves/{shelf['id']}"
    return client


class TestEntity:
    def test_is_written_with_what_belongs_to_it(self, filled):
        for shelf in (ATTIC, CELLAR, HALL):
            assert filled.get(f"/shelves/{shelf['id']}").json == shelf

    def test_is_patched(self, filled):
        patch = [{"op": "replace", "path": "/room", "value": "Loft"}]
        changed = {**ATTIC, "room": "Loft"}
        assert filled.patch("/shelves/1", patch).json == changed
        assert filled.get("/shelves/1").json == changed

    def test_has_a_version(self, filled):
        version = filled.get("/shelves/1").headers["ETag"]
        patch = [{"op": "replace", "path": "/room", "value": "Loft"}]
        headers = {"If-Match": version}
        assert filled.patch("/shelves/1", patch, headers=headers).status_int == 200
        assert filled.patch("/shelves/1", patch, headers=headers).status_int == 412

    def test_is_deleted_with_what_belongs_to_it(self, filled):
        assert filled.delete("/shelves/1").status_int == 204
        assert filled.get("/shelves/1").status_int == 401  # There might be one.
        assert filled.get("/shelves/").json == [CELLAR, HALL]


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
    def test_is_read_by_pages(self, filled, query, rows, total):
        answer = filled.get(f"/shelves/{query}")
        assert answer.json == rows
        assert answer.headers["X-Total-Count"] == str(total)

    def test_is_followed_by_its_links(self, filled):
        seen, path = [], "/api/v1/shelves/?limit=1&sort=room"
        while path is not None:
            answer = filled.call("GET", path)
            seen += answer.json
            path = relations(answer).get("next")
        assert seen == [ATTIC, CELLAR, HALL]
