"""The resource tree: a URL is the path to a node, which knows the user's roles.

::

    /teams/7/members/3      Root
                            └── teams      TeamCollection
                                └── 7          TeamResource        context.team
                                    └── members    TeamMemberCollection
                                        └── 3          TeamMemberResource

``__acl__`` is a constant of each class, read from the leaf to the root; the first match
wins, and there is only ``Allow``. ``children`` and ``item`` declare the class at each
path, and so does ``config.add_node``, with which features attach nodes to others'
(``nodes.py``). So the documentation needs no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from pyramid.authorization import Allow
from sqlalchemy import BigInteger, BindParameter, bindparam, inspect, select
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.sql.visitors import iterate

from apiserver.core.http.errors import ApiError, NotFound
from apiserver.core.tree.keys import NoSuchNode, parse_id
from apiserver.core.tree.permissions import (
    ADMIN,
    EVERY_PERMISSION,
    INTERNAL,
    Permission,
    Role,
)
from apiserver.core.typing import Request, Row, Selection

R = TypeVar("R", bound="Resource")
Model = TypeVar("Model")

ACL = list[tuple[str, Role, Iterable[Permission]]]
Children = Mapping[str, type["Resource"]]

# The parameters that all items' statements may use.
KEY = bindparam("key", type_=BigInteger)
CALLER = bindparam("caller", type_=BigInteger)


class Resource:
    """A node of the tree, with the children that its class declares."""

    __acl__: ClassVar[ACL] = []
    children: ClassVar[Children] = {}
    # Whether a write to the node, or below it, locks its row, and when: decisions.py.
    is_locked: ClassVar[bool] = False
    lock_rank: ClassVar[int] = 1
    # Whether PUT is about to create its object, and whether it has: placed.py.
    is_new: bool = False
    is_made: bool = False

    def __init__(
        self, request: Request, name: str = "", parent: "Resource | None" = None
    ) -> None:
        self.request = request
        self.__name__ = name
        self.__parent__ = parent

    def __getitem__(self, segment: str) -> "Resource":
        node = self.named_children.get(segment)
        if node is None:
            raise NoSuchNode(segment)
        return node(self.request, segment, self)

    @property
    def named_children(self) -> Children:
        """The children of the class, including those that features have attached."""
        children: Children = self.request.registry.tree[type(self)]
        return children

    def local_roles(self, user: Row) -> Iterable[str]:
        """Return the user's roles at this node."""
        return ()

    def above(self, kind: type[R]) -> R:
        """Return the nearest node of a class, from this one up to the root."""
        node: Resource | None = self
        while node is not None:
            if isinstance(node, kind):
                return node
            node = node.__parent__
        raise LookupError(f"No {kind.__name__} is above {type(self).__name__}.")

    def ids(self) -> dict[str, object]:
        """Return the keys of the items from here up to the root, as ``team_id``."""
        parent = self.__parent__
        return parent.ids() if parent is not None else {}

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the rows on which permissions at this node depend."""


@cache
def sharing(model: Any) -> Selection:
    """Return the statement that locks a row against changes, shared."""
    return select(model.id).where(model.id == KEY).with_for_update(read=True)


def asks_for(statement: Selection, name: str) -> bool:
    """Whether a statement has a parameter with this name."""
    parts = iterate(statement)
    return any(isinstance(part, BindParameter) and part.key == name for part in parts)


@cache
def statement_below(kind: Any, name: str) -> Selection:
    """Return the statement of a class of items below another, whose key has this name.

    Raises TypeError if neither the statement nor the model refers to it.
    """
    statement: Selection = kind.statement
    if asks_for(statement, name):
        return statement
    column = getattr(kind, "model", None) and inspect(kind.model).columns.get(name)
    if column is None:
        raise TypeError(
            f"Below /{{{name}}} the objects of {kind.__name__} must refer to it: by a "
            f"column {name} of the model, or bindparam({name!r}) in the statement."
        )
    return statement.where(column == bindparam(name, type_=column.type))


class Item(Resource, Generic[Model]):
    """A stored object, as the attribute named by its ``noun``: ``context.team``.

    The object is a row of columns: ``statement`` selects it by ``KEY``, with the data
    on which the local roles of ``CALLER`` depend; by default it selects the model's
    columns. Below another item only its objects are found: unless the statement has a
    parameter ``team_id``, the model's column of that name is compared.
    """

    noun: ClassVar[str]
    model: ClassVar[Any]
    statement: ClassVar[Selection]
    key_format: ClassVar[str] = "int64"
    key_example: ClassVar[int | str] = 1
    # The attribute of a row that is the key in its URL.
    key_name: ClassVar[str] = "id"
    # The entity, and the transaction in which its row was locked.
    locked: tuple[Model | None, SessionTransaction | None] = (None, None)

    def __init_subclass__(cls, **kw: object) -> None:
        super().__init_subclass__(**kw)
        if "model" in vars(cls) and "is_locked" not in vars(cls):
            cls.is_locked = True
        if "model" in vars(cls) and "statement" not in vars(cls):
            mapper = inspect(cls.model)
            cls.statement = select(*mapper.columns).where(mapper.primary_key[0] == KEY)

    def __init__(
        self, request: Request, name: str, parent: Resource, row: Row = None
    ) -> None:
        super().__init__(request, name, parent)
        setattr(self, self.noun, row if row is not None else self.load())

    @staticmethod
    def parse_key(segment: str) -> object:
        """Parse the key in the path; raise NoSuchNode if it is invalid."""
        return parse_id(segment)

    @classmethod
    def key_of(cls, row: Row) -> object:
        """Return the key in the URL of a row."""
        return attrgetter(cls.key_name)(row)

    def ids(self) -> dict[str, object]:
        # From the row, since the URL may have an alias: /users/me.
        row = getattr(self, self.noun)
        key = self.key_of(row) if row is not None else None
        return {**super().ids(), f"{self.noun}_id": key}

    def parameters(self) -> dict[str, object]:
        """Return the parameters of the statement, with the ids of the items above."""
        identity = self.request.identity
        return {
            **super().ids(),
            "key": self.parse_key(self.__name__),
            "caller": identity.user_id if identity is not None else None,
        }

    def load(self) -> Row:
        """Select the row; raise NoSuchNode if the item above has no such row."""
        above = super().ids()
        statement = self.statement
        # For a client /users/me has no id: it finds anyone's rows, but has no roles
        # there.
        if above and above[next(reversed(above))] is not None:
            kind: Any = type(self)
            statement = statement_below(kind, next(reversed(above)))
        row = self.request.db.row(statement, self.parameters())
        if row is None:
            raise NoSuchNode(self.__name__)
        return row

    def reload(self) -> None:
        """Select the row again; raise NotFound if it is gone."""
        try:
            setattr(self, self.noun, self.load())
        except NoSuchNode:
            raise NotFound(f"The {self.noun} is gone.") from None

    def lock(self) -> Model:
        """Return the entity, its row locked until the transaction ends.

        Checks the caller's permissions again (``decisions.py``). Raises NotFound if the
        object has been deleted since the traversal.
        """
        self.request.decide()
        if self.locked[1] is not self.request.db.get_transaction():
            # Not part of the URL, or only shared so far.
            self.lock_row(exclusive=True)
            self.reload()
        entity, _ = self.locked
        if entity is None:
            raise NotFound(f"The {self.noun} is gone.")
        return entity

    @classmethod
    def refusals(
        cls, method: str, classes: Sequence[type[Resource]]
    ) -> Iterable[type[ApiError]]:
        """Return the errors with which such an object may reject writes to it or below.

        ``classes`` are those of the nodes, from the leaf to the root.
        """
        return ()

    def check_write(self) -> None:
        """Raise one of these errors; the row is locked, and was read again."""

    def patch(self) -> Model:
        """Lock the object, apply the request's JSON Patch, and write the changes.

        Returns the entity. Raises the errors of ``lock`` and ``Patch.apply``.
        """
        entity = self.lock()
        changes = self.request.validated["patch"].apply(entity)
        if changes:
            self.request.db.change(entity, **changes)
        return entity

    def put(self) -> Model:
        """Lock the object, and replace all fields by the request's body.

        Returns the entity. Raises the errors of ``lock``.
        """
        entity = self.lock()
        self.request.db.change(entity, **self.request.validated["body"])
        return entity

    def delete(self) -> None:
        """Lock the object, and delete it."""
        self.request.db.delete(self.lock())
        self.request.db.flush()

    def hold(self) -> None:
        """Lock the row, and the roles at it, until the transaction ends."""
        self.request.db.row(sharing(self.model), {"key": getattr(self, self.noun).id})

    def lock_row(self, *, exclusive: bool) -> None:
        db, key = self.request.db, getattr(self, self.noun).id
        if exclusive:
            self.locked = db.lock(self.model, key), db.get_transaction()
        else:
            self.hold()


class Collection(Resource):
    """The objects of one kind: a child for each, in addition to named children."""

    item: ClassVar[type[Item[Any]]]

    def __getitem__(self, segment: str) -> Resource:
        if segment in self.named_children:
            return super().__getitem__(segment)
        return self.item(self.request, segment, self)


class Root(Resource):
    """The root: features attach their nodes, administrators may do everything."""

    __acl__ = [
        (Allow, ADMIN, EVERY_PERMISSION),
        (Allow, INTERNAL, EVERY_PERMISSION),
    ]
