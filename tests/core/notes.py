"""A feature with one table and one endpoint that does what the test tells it to."""

from typing import Any

from pyramid.authorization import Allow
from pyramid.config import Configurator
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, insert

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.tree import ANYONE, Permission, Resource
from tests.client import Client

METADATA = MetaData()

NOTE = Table(
    "note_of_a_test",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("word", String(20)),
    # Is looked at when the transaction is committed, and no earlier.
    Column(
        "about", ForeignKey("note_of_a_test.id", deferrable=True, initially="DEFERRED")
    ),
)


class NotePermission(Permission):
    READ = ("note:read", None, "See the notes.")
    WRITE = ("note:write", None, "Write a note.")


class NoteCollection(Resource):
    __acl__ = [(Allow, ANYONE, [NotePermission.READ, NotePermission.WRITE])]


class NoteClient(Client):
    """A client that isn't surprised by any answer.

    The views do what the test tells them to, of which the document can't know.
    """

    def compare(self, request: Any, response: Any) -> None:
        pass


def notes(config: Configurator) -> None:
    """Include the feature; ``registry.act`` is what its views do with a request."""
    config.registry.act = lambda request: None
    config.add_node("notes", NoteCollection)
    service = ApiService("notes", "/notes/")
    done = {"200": ResponseSchema("Done.")}

    @service.get(permission=NotePermission.READ, response_schemas=done)
    def list_notes(request: Any) -> Any:
        """See the notes."""
        return request.registry.act(request)

    @service.post(permission=NotePermission.WRITE, response_schemas=done)
    def write_note(request: Any) -> Any:
        """Write a note."""
        return request.registry.act(request)

    config.add_cornice_service(service)


def write(request: Any, word: str = "x", **columns: Any) -> None:
    """Write a note in the transaction of the request."""
    request.db.execute(insert(NOTE).values(word=word, **columns))


def words(app: Any) -> list[str]:
    """Return the words that are stored, as another connection sees them."""
    with app.registry.read_sessions() as session:
        return list(session.scalars(NOTE.select().with_only_columns(NOTE.c.word)))
