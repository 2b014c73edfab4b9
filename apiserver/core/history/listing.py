"""The history of an object as a list: ``GET /projects/7/history/``."""

from sqlalchemy import bindparam, select

from apiserver.core.history.models import Historic
from apiserver.core.lists.filters import at_least, below, equals
from apiserver.core.lists.listing import Listing
from apiserver.core.schemas.fields import Choice, Id, Object, Text
from apiserver.core.schemas.free import FreeJson
from apiserver.core.schemas.times import Moment
from apiserver.core.tree.resources import Item, Resource


class ChangeDetail(Object):
    """A change of one field."""

    id = Id()
    created = Moment(description="When it was changed.")
    actor_id = Id(nullable=True, description="The user who has changed it.")
    client_id = Text(
        1, 80, nullable=True, description="The client by which it was changed."
    )
    field = Text(1, 63, example="title", description="What was changed.")
    before = FreeJson(nullable=True, example="Emma", description="What it was.")
    after = FreeJson(nullable=True, example="Persuasion", description="What it became.")


class HistoryResource(Resource):
    """The history of the object above."""

    def ids(self) -> dict[str, object]:
        parent = self.__parent__
        if not isinstance(parent, Item):
            raise TypeError("A history is below the object that it is of.")
        return {**super().ids(), "row_id": getattr(parent, parent.noun).id}


def history_of(model: type[Historic]) -> Listing:
    """Return the list of the changes of one row, at a HistoryResource."""
    changes = model.__changes__
    names = model.__history__.columns
    about = {"example": names[0], "description": "Only changes of this field."}
    columns = [getattr(changes, node.name) for node in ChangeDetail().children]
    return Listing(
        select(*columns).where(changes.row_id == bindparam("row_id")),
        by=changes.id,
        sort=(changes.id,),
        filters={
            "field": equals(changes.field, Choice(*names, **about)),
            "actor_id": equals(
                changes.actor_id, Id(description="Only changes by this user.")
            ),
            "created_from": at_least(changes.created),
            "created_until": below(changes.created),
        },
    )
