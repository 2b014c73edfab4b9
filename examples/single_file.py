"""An API in one file, on apiserver.core alone: all read the books, librarians write.

.venv/bin/python examples/single_file.py, then http://127.0.0.1:6543/
"""

import os
import secrets
import sys

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column
from waitress import serve

from apiserver.core import API_PREFIX, answers, nodes, schemas
from apiserver.core.db import Base, PrimaryKey
from apiserver.core.jsonpatch import json_patch
from apiserver.core.pagination import Listing, PageQuery
from apiserver.core.permissions import ANYONE, SIGNED_IN, Permission, Role
from apiserver.core.resources import KEY, Collection, Item
from apiserver.core.security import Identity, SecurityPolicy
from apiserver.core.services import ApiService

LIBRARIAN = Role("role:librarian", "librarians")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[PrimaryKey]
    title: Mapped[str] = mapped_column(String(200))


class BookPermission(Permission):
    READ = ("book:read", None, "See the books.")
    WRITE = ("book:write", "books:write", "Add and change books.")


class BookFields(nodes.Object):
    title = nodes.Text(1, 200, example="Middlemarch", description="What it is called.")


class BookDetail(BookFields):
    id = nodes.Id()


BOOKS = select(Book.id, Book.title)
LIST = Listing(BOOKS, by=Book.id)


class BookResource(Item):
    noun, model, statement = "book", Book, BOOKS.where(Book.id == KEY)


class BookCollection(Collection):
    item = BookResource
    __acl__ = [
        (Allow, ANYONE, [BookPermission.READ]),
        (Allow, LIBRARIAN, [BookPermission.WRITE]),
    ]


books, book = ApiService("books", "/books/"), ApiService("book", "/books/{book_id}")


@books.get(
    permission=BookPermission.READ,
    schema=schemas.querystring(PageQuery),
    response_schemas={"200": schemas.returns_page(BookDetail, "A page of books.")},
)
def list_books(request):
    """List the books."""
    return LIST(request)


@books.post(
    permission=BookPermission.WRITE,
    schema=schemas.body(BookFields, form=True),
    response_schemas={"201": schemas.returns(BookDetail, "The new book.")},
)
def add_book(request):
    """Add a book."""
    new_book = Book(**request.validated["body"])
    request.db.add(new_book)
    request.db.flush()
    return answers.created(request, new_book)


@book.get(
    permission=BookPermission.READ,
    response_schemas={"200": schemas.returns(BookDetail, "The book.")},
)
def get_book(request):
    """See a book."""
    return request.context.book


@book.patch(
    permission=BookPermission.WRITE,
    schema=json_patch(BookFields),
    response_schemas={"200": schemas.returns(BookDetail, "The book as it is now.")},
)
def patch_book(request):
    """Change the title of a book."""
    locked = request.context.lock()
    for name, value in request.validated["patch"].apply(locked).items():
        setattr(locked, name, value)
    request.db.flush()
    return locked


class TokenPolicy(SecurityPolicy):
    """Whoever sends the one token is a librarian."""

    token = secrets.token_urlsafe()

    def identity(self, request):
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(sent.encode(), self.token.encode()):
            return None
        roles = frozenset((ANYONE, SIGNED_IN, LIBRARIAN))
        scopes = frozenset(("books:write",))
        return Identity(None, "desk", scopes, roles, read_only=False)


def feature(config):
    config.set_security_policy(TokenPolicy())
    config.add_scope("books:write", "Add and change books.")
    config.add_node("books", BookCollection)
    config.scan(sys.modules[__name__])


def main():
    """Make the tables that are missing, and the WSGI application."""
    url = os.environ.get("DATABASE_URL", "sqlite:///books.db")
    settings = {"sqlalchemy.url": url, "apiserver.title": "Books"}
    with Configurator(settings=settings) as config:
        config.include("apiserver.core")
        config.include(feature, route_prefix=API_PREFIX)
    Base.metadata.create_all(config.registry.write_sessions.kw["bind"])
    return config.make_wsgi_app()


if __name__ == "__main__":
    listen = os.environ.get("LISTEN", "127.0.0.1:6543")
    note = f"Librarians send Authorization: Bearer {TokenPolicy.token}\n"
    sys.stderr.write(f"http://{listen}/\n{note}")
    serve(main(), listen=listen)
