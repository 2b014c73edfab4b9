"""The endpoints of ``/users/{user_id}/identities``."""

from apiserver.core.audit import record_call
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import NotFound
from apiserver.core.lists import Listing
from apiserver.providers import actions
from apiserver.providers.models import LinkedIdentity
from apiserver.providers.permissions import IdentityPermission
from apiserver.providers.resources import SELECT, IdentityResource
from apiserver.providers.schemas import IdentityDetail
from apiserver.users.resources import UserResource

user_identities = ApiService("user_identities", "/users/{user_id}/identities/")
user_identity = ApiService("user_identity", "/users/{user_id}/identities/{identity_id}")
IDENTITIES = Listing(SELECT, by=LinkedIdentity.id)


@user_identities.get(
    permission=IdentityPermission.LIST, lists=IDENTITIES, returns=IdentityDetail
)
def list_user_identities(request: Request) -> object:
    """List the accounts at providers with which a user signs in."""
    return IDENTITIES.page_of(request)


@user_identity.delete(
    permission=IdentityPermission.UNLINK,
    errors=(actions.OnlyWayIn,),
    fresh="fresh_sign_in",
)
def delete_user_identity(request: Request) -> None:
    """Unlink an account at a provider.

    Nobody can sign in with it any more; sessions continue. Users without a password
    can't unlink their last one.
    """
    user_id = request.context.above(UserResource).user.id
    identity_id = request.context.above(IdentityResource).identity.id
    by_user = user_id == request.caller_id
    if not actions.unlink_identity(
        request.db,
        request.registry,
        user_id=user_id,
        identity_id=identity_id,
        by_user=by_user,
    ):
        raise NotFound("The identity is gone.")
    target = f"identity:{identity_id} of:{user_id}"
    record_call(request, "identity_unlinked", target=target)


own_identities = user_identities.also_at("/users/me/identities/", "of_me")
own_identity = user_identity.also_at("/users/me/identities/{identity_id}", "of_me")
