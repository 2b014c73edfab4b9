"""Identities in the tree: ``/users/{user_id}/identities/``."""

from pyramid.authorization import Allow
from sqlalchemy import select

from apiserver.core.tree import KEY, Collection, Item, NoSuchNode
from apiserver.core.typing import Row, Selection
from apiserver.providers.models import LinkedIdentity
from apiserver.providers.permissions import IdentityPermission
from apiserver.users.permissions import SELF
from apiserver.users.resources import UserResource

SELECT: Selection = select(
    LinkedIdentity.id,
    LinkedIdentity.issuer,
    LinkedIdentity.subject,
    LinkedIdentity.name,
    LinkedIdentity.created,
    LinkedIdentity.last_used,
)


class IdentityResource(Item[LinkedIdentity]):
    """One account at a provider: ``context.identity``."""

    noun = "identity"
    model = LinkedIdentity
    statement = SELECT.where(LinkedIdentity.id == KEY)
    # Unlinking locks the account.
    is_locked = False
    identity: Row

    def load(self) -> Row:
        """Select the row; for a client, anybody's, since clients hold no role at it."""
        if self.above(UserResource).user is not None:
            return super().load()
        row = self.request.db.row(self.statement, self.parameters())
        if row is None:
            raise NoSuchNode(self.__name__)
        return row


class IdentityCollection(Collection):
    """The accounts at providers with which a user signs in."""

    __acl__ = [(Allow, SELF, [IdentityPermission.LIST, IdentityPermission.UNLINK])]
    item = IdentityResource
