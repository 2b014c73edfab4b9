"""Tokens in the tree: ``/users/{user_id}/personal-tokens/``."""

from pyramid.authorization import Allow
from sqlalchemy import and_, bindparam, or_, select, update

from apiserver.core.db import UTCDateTime, now
from apiserver.core.tree import KEY, Collection, Item
from apiserver.core.typing import Row, Selection
from apiserver.personal_tokens.models import PersonalToken
from apiserver.personal_tokens.permissions import PersonalTokenPermission
from apiserver.users.events import PasswordChanged
from apiserver.users.models import User
from apiserver.users.permissions import SELF

NOW = bindparam("now", type_=UTCDateTime)
DETAIL = (
    PersonalToken.id,
    PersonalToken.name,
    PersonalToken.scopes,
    PersonalToken.created,
    PersonalToken.expires,
    PersonalToken.last_used,
)
LIVE: Selection = (
    select(*DETAIL)
    .join(User, User.id == PersonalToken.user_id)
    .where(
        or_(PersonalToken.expires.is_(None), PersonalToken.expires > NOW),
        User.epoch == PersonalToken.user_epoch,
    )
)
KEEP = (
    update(PersonalToken)
    .where(
        and_(
            PersonalToken.user_id == bindparam("owner_id"),
            PersonalToken.user_epoch == bindparam("epoch") - 1,
        )
    )
    .values(user_epoch=bindparam("epoch"))
    .execution_options(synchronize_session=False)
)


def keep_tokens(event: PasswordChanged) -> None:
    """Keep the tokens of a user who has proven the old password.

    If the change also took a role away, the epoch is two higher, and the tokens end.
    """
    parameters = {"owner_id": event.user.id, "epoch": event.user.epoch}
    event.request.db.execute(KEEP, parameters)


class PersonalTokenResource(Item[PersonalToken]):
    """One token: ``context.personal_token``."""

    noun = "personal_token"
    model = PersonalToken
    statement = LIVE.where(PersonalToken.id == KEY)
    # Revoking one locks the account.
    is_locked = False
    personal_token: Row

    def parameters(self) -> dict[str, object]:
        return {**super().parameters(), "now": now()}


class PersonalTokenCollection(Collection):
    """The personal access tokens of a user."""

    __acl__ = [
        (
            Allow,
            SELF,
            [
                PersonalTokenPermission.LIST,
                PersonalTokenPermission.CREATE,
                PersonalTokenPermission.REVOKE,
            ],
        )
    ]
    item = PersonalTokenResource
