"""An API in one file, on apiserver.core alone: all read the books, librarians write.

.venv/bin/python examples/single_file.py, then http://127.0.0.1:6543/
"""

from pyramid.authorization import Allow
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core import db, endpoints, lists, schemas, standalone
from apiserver.core.tree import ANYONE, Collection, Item, Permission, Role


class Book(db.Base):
    __tablename__ = "book"
    id: Mapped[db.PrimaryKey]
    title: Mapped[str] = mapped_column(String(200))


class BookFields(schemas.Object):
    title = schemas.Text(1, 200, example="Middlemarch", description="The title.")


class BookDetail(BookFields):
    id = schemas.Id()


class BookPermission(Permission):
    READ = ("book:read", None, "See the books.")
    WRITE = ("book:write", None, "Add and change books.")


LIBRARIAN = Role("role:librarian", "librarians")


class BookResource(Item[Book]):
    noun, model = "book", Book


class BookCollection(Collection):
    item = BookResource
    __acl__ = [
        (Allow, ANYONE, [BookPermission.READ]),
        (Allow, LIBRARIAN, [BookPermission.WRITE]),
    ]


BOOKS = lists.Listing(select(Book.id, Book.title), by=Book.id)
books = endpoints.ApiService("books", "/books/")
book = endpoints.ApiService("book", "/books/{book_id}")


@books.get(permission=BookPermission.READ, lists=BOOKS, returns=BookDetail)
def list_books(request):
    """List the books."""
    return BOOKS.page_of(request)


@books.post(permission=BookPermission.WRITE, takes=BookFields, returns=BookDetail)
def add_book(request):
    """Add a book."""
    return request.db.insert(Book, **request.validated["body"])


@book.get(permission=BookPermission.READ, returns=BookDetail)
def get_book(request):
    """See a book."""
    return request.context.book


def main():
    """Make the WSGI application, and the table where there is none."""
    tree, policy = {"books": BookCollection}, standalone.TokenPolicy(LIBRARIAN)
    return standalone.make_app(__name__, tree, policy=policy, title="Books")


if __name__ == "__main__":
    standalone.serve(main())
