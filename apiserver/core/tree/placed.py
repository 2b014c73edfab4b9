"""Objects with a URL before they exist: PUT creates them, or they always exist.

An object at a key of the client's choice, such as ``/tags/{name}``, and the only object
of its kind, such as ``/settings`` or ``/teams/{team_id}/settings``.
"""

from typing import Any, ClassVar, TypeVar

from pyramid_retry import mark_error_retryable
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from apiserver.core.tree.keys import NoSuchNode
from apiserver.core.tree.permissions import Permission
from apiserver.core.tree.resources import Item, Resource
from apiserver.core.typing import Row

Model = TypeVar("Model")


class KeyedItem(Item[Model]):
    """An object that PUT creates if it is missing, at the key in its URL.

    To create it, the caller needs ``creates`` at the collection. The key is stored in
    the column ``key_name``, the id of the object above in the one with its name:
    ``team_id``.
    """

    creates: ClassVar[Permission]

    def __getitem__(self, segment: str) -> Resource:
        if self.is_new:
            raise NoSuchNode(segment)
        return super().__getitem__(segment)

    def load(self) -> Row:
        """Select the row; for PUT and OPTIONS, None if there is none."""
        self.parse_key(self.__name__)
        self.is_new = False
        try:
            return super().load()
        except NoSuchNode:
            if self.request.method not in {"PUT", "OPTIONS"}:
                raise
        self.is_new = True
        return None

    def hold(self) -> None:
        if not self.is_new:
            super().hold()

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the row, which may have been created meanwhile."""
        if self.is_new:
            setattr(self, self.noun, self.load())
        if not self.is_new:
            super().lock_row(exclusive=exclusive)

    def put(self, **values: object) -> Model:
        """Replace the object by the body, or create it, with these additional values.

        If another request creates it concurrently, this one is retried, and replaces
        it.
        """
        if not self.is_new:
            return super().put()
        above = list(Resource.ids(self).items())[-1:]
        columns = inspect(self.model).columns
        places = {name: value for name, value in above if name in columns}
        places[self.key_name] = self.parse_key(self.__name__)
        entity = self.insert({**places, **values, **self.request.validated["body"]})
        setattr(self, self.noun, entity)
        self.is_new, self.is_made = False, True
        return entity

    def insert(self, values: dict[str, object]) -> Model:
        entity: Model = self.model(**values)
        try:
            with self.request.db.begin_nested():
                self.request.db.add(entity)
        except IntegrityError as error:
            if self.load() is not None:
                mark_error_retryable(error)
            raise
        return entity


class Singleton(Item[Model]):
    """The only object of its kind, at the root or below another; it always exists.

    Its primary key is the id of the object above, or 1 at the root. Until it is first
    written it has the defaults of its columns, and no row.
    """

    def __init_subclass__(cls, **kw: object) -> None:
        super().__init_subclass__(**kw)
        if "model" in vars(cls):
            [cls.key_column] = inspect(cls.model).primary_key

    key_column: ClassVar[Any]

    def ids(self) -> dict[str, object]:
        return Resource.ids(self)

    @property
    def key(self) -> object:
        """The primary key of the row."""
        return next(reversed(self.ids().values()), 1)

    def load(self) -> Row:
        parameters = {**self.ids(), "key": self.key, "caller": self.request.caller_id}
        row = self.request.db.row(self.statement, parameters)
        return row if row is not None else self.unwritten()

    def unwritten(self) -> Model:
        """Return an object with the defaults of its columns, without storing it."""
        defaults = {
            name: column.default.arg
            for name, column in inspect(self.model).columns.items()
            if column.default is not None and column.default.is_scalar
        }
        entity: Model = self.model(**{**defaults, self.key_column.key: self.key})
        return entity

    def hold(self) -> None:
        """Do nothing: permissions depend on the object above, which is held."""

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the row; insert it before the first change."""
        if exclusive:
            db = self.request.db
            if (entity := db.lock(self.model, self.key)) is None:
                self.insert()
                entity = db.lock(self.model, self.key)
            self.locked = entity, db.get_transaction()

    def insert(self) -> None:
        """Insert the row with its defaults, unless a concurrent request has done so."""
        try:
            with self.request.db.begin_nested():
                self.request.db.insert(self.model, **{self.key_column.key: self.key})
        except IntegrityError:
            if self.request.db.lock(self.model, self.key) is None:
                raise
