"""Rows that are archived rather than deleted: kept, and left as they are.

An archived object can be read, restored and deleted; any other write at or below its
URL is rejected. Lists omit it by default. A feature declares::

    class Project(Archivable, Timestamped, Base):
        __table_args__ = (unique_among_live("team_id", "title"),)

    class ProjectResource(ArchivableItem[Project]): ...

    PROJECTS = Listing(…, filters={"archived": live_or_archived(Project)})

    @archiving.post(permission=…, returns=…)  # /projects/{project_id}/archive
    def archive_project(request):
        return request.context.above(ProjectResource).archive()
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pyramid.location import lineage
from sqlalchemy import Boolean, Index, text
from sqlalchemy.orm import Mapped

from apiserver.core.audit import record_call
from apiserver.core.db.base import now
from apiserver.core.db.changes import change_of
from apiserver.core.http.errors import ApiError, Conflict
from apiserver.core.lists.filters import ListFilter
from apiserver.core.schemas.fields import Flag
from apiserver.core.tree.resources import Item, Resource

ARCHIVED, RESTORED = "archived", "restored"
LIVE = text("archived IS NULL")


class Archivable:
    """Mixin of a model whose rows may be archived: when, and by which user.

    The user's id is no foreign key, since core has no users: it survives the account.
    It is None if a client acted for itself.
    """

    archived: Mapped[datetime | None]
    archived_by: Mapped[int | None]


Model = TypeVar("Model", bound=Archivable)


class Archived(Conflict):
    """A write at or below an object that is archived."""

    sentence = "This, or what it belongs to, is archived: restore that first."


class ArchiveAction(Resource):
    """An action on the object above: ``/projects/7/archive``."""


class ArchivableItem(Item[Model]):
    """An object that may be archived; its statement selects ``archived``.

    While it is archived, writes at it and below return 409, except for its own DELETE
    and the actions ``archive`` and ``restore``.
    """

    children: ClassVar[Mapping[str, type[Resource]]] = {
        "archive": ArchiveAction,
        "restore": ArchiveAction,
    }

    def __init_subclass__(cls, **kw: object) -> None:
        super().__init_subclass__(**kw)
        statement = getattr(cls, "statement", None)
        if statement is not None and "archived" not in statement.selected_columns:
            raise TypeError(f"The statement of {cls.__name__} selects no archived.")

    @classmethod
    def refusals(
        cls, method: str, classes: Sequence[type[Resource]]
    ) -> Iterable[type[ApiError]]:
        leaf, *above = classes
        is_deleted = leaf is cls and method == "DELETE"
        is_action = issubclass(leaf, ArchiveAction) and above[0] is cls
        return () if is_deleted or is_action else (Archived,)

    def check_write(self) -> None:
        if getattr(self, self.noun).archived is not None:
            classes = [type(node) for node in lineage(self.request.context)]
            for error in self.refusals(self.request.method, classes):
                raise error

    def archive(self) -> Model:
        """Lock the object, and archive it unless it is archived already.

        Returns the entity.
        """
        entity = self.lock()
        if entity.archived is None:
            self.write(entity, ARCHIVED, now(), self.request.caller_id)
        return entity

    def restore(self) -> Model:
        """Lock the object, and restore it if it is archived.

        Returns the entity. A live row may have taken its unique values: use
        ``constraints``.
        """
        entity = self.lock()
        if entity.archived is not None:
            self.write(entity, RESTORED, None, None)
        return entity

    def write(
        self, entity: Any, verb: str, archived: datetime | None, by: int | None
    ) -> None:
        self.request.db.change(entity, archived=archived, archived_by=by)
        change = change_of(entity, verb)
        if change is not None:
            fields = ("archived", "archived_by")
            record_call(self.request, change.action, target=change.name, fields=fields)


def unique_among_live(*columns: str) -> Index:
    """Return an index for ``__table_args__`` that is unique among live rows.

    Its name follows the convention: ``ix_project_team_id_title`` for ``constraints``.
    """
    return Index(None, *columns, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)


def live_or_archived(model: type[Archivable]) -> ListFilter:
    """Return the filter ``archived``: live rows by default, archived ones if true."""
    archived = model.archived
    return ListFilter(
        Flag(
            example=True,
            description="Only archived objects, in place of those that are not.",
        ),
        Boolean(),
        lambda _: archived.is_not(None),
        default=False,
        otherwise=archived.is_(None),
    )
