"""Second factors in the tree: ``/users/{user_id}/factors/``, one's own at ``me``."""

from pyramid.authorization import Allow
from sqlalchemy import select

from apiserver.core.tree import KEY, Collection, Item, Resource
from apiserver.core.typing import Row
from apiserver.factors.models import Factor
from apiserver.factors.permissions import FactorPermission
from apiserver.users.permissions import SELF
from apiserver.users.resources import UserResource

# What may be shown of a factor; never its secret or key.
DETAIL = (
    Factor.id,
    Factor.kind,
    Factor.name,
    Factor.created,
    Factor.confirmed.is_not(None).label("is_confirmed"),
    Factor.last_used,
)


class FactorConfirmation(Resource):
    """The proof that an authenticator has been set up."""


class FactorResource(Item[Factor]):
    """One factor: ``context.factor``."""

    children = {"confirmation": FactorConfirmation}
    noun = "factor"
    model = Factor
    statement = select(*DETAIL, Factor.user_id).where(Factor.id == KEY)
    # The account is locked first: changing one factor depends on how many there are.
    lock_rank = UserResource.lock_rank + 1
    factor: Row


class TotpCollection(Resource):
    """Apps that show codes."""


class PasskeyCollection(Resource):
    """Passkeys."""


class PasskeyOptions(Resource):
    """Where browsers get the options for a new passkey."""


class RecoveryCodes(Resource):
    """The recovery codes of an account."""


class FactorCollection(Collection):
    """The second factors of an account."""

    __acl__ = [(Allow, SELF, [FactorPermission.READ, FactorPermission.EDIT])]
    children = {
        "totp": TotpCollection,
        "passkeys": PasskeyCollection,
        "passkey-options": PasskeyOptions,
        "recovery-codes": RecoveryCodes,
    }
    item = FactorResource
