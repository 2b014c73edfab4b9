"""The endpoints of an account as a whole."""

from types import SimpleNamespace

from apiserver.account import actions, history
from apiserver.account.data import MEDIA_TYPE, send_data
from apiserver.account.permissions import AccountPermission
from apiserver.account.schemas import DeletionDetail, EventDetail
from apiserver.core.audit import AuditEvent, record_call
from apiserver.core.endpoints import ApiService, Request, returns_content
from apiserver.core.http import Response
from apiserver.core.lists import Listing, at_least, below, equals
from apiserver.users.actions import LastAdministrator, StillNeeded
from apiserver.users.resources import UserResource

EVENTS = Listing(
    history.EVENTS,
    by=AuditEvent.id,
    sort=(AuditEvent.id,),
    order="-id",
    filters={
        "action": equals(AuditEvent.action),
        "created_from": at_least(AuditEvent.created),
        "created_until": below(AuditEvent.created),
    },
)

NOT_SCHEDULED = SimpleNamespace(created=None, due=None)

own_events = ApiService("own_events", "/users/me/events/")
own_data = ApiService("own_data", "/users/me/data")
user_deletion = ApiService("user_deletion", "/users/{user_id}/deletion")


@own_events.get(
    permission=AccountPermission.READ_EVENTS, lists=EVENTS, returns=EventDetail
)
def list_own_events(request: Request) -> object:
    """See what your account did and what was done to it, newest first."""
    user_id = request.context.above(UserResource).user.id
    return EVENTS.page_of(request, account=str(user_id))


@own_data.get(
    permission=AccountPermission.DOWNLOAD,
    returns=returns_content(MEDIA_TYPE, description="What is stored."),
    fresh="fresh_sign_in",
)
def get_own_data(request: Request) -> Response:
    """Download everything stored about you.

    It is a JSON file with a list for each part: your profile, sessions, teams, grants,
    tokens and so on, without secrets.
    """
    return send_data(request, request.context.above(UserResource).user.id)


@user_deletion.get(permission=AccountPermission.READ_DELETION, returns=DeletionDetail)
def get_user_deletion(request: Request) -> object:
    """See when an account will be deleted, if it will."""
    user_id = request.context.above(UserResource).user.id
    return actions.deletion_of(request.db, user_id) or NOT_SCHEDULED


@user_deletion.post(
    permission=AccountPermission.DELETE,
    returns=DeletionDetail,
    errors=(StillNeeded, LastAdministrator),
    status=202,
    fresh="fresh_sign_in",
)
def create_user_deletion(request: Request) -> object:
    """Delete an account and everything that belongs to it.

    It is deleted after a grace period, `apiserver.deletion_grace`; until then its user
    may sign in and cancel the deletion. All sessions and grants of the account end at
    once, including this request's access token. A team's only leader and the last
    administrator can't be deleted.
    """
    user = request.context.above(UserResource).lock()
    known = actions.deletion_of(request.db, user.id)
    if known is not None:
        return known
    deletion = actions.request_deletion(request.db, request.registry, user)
    target = f"user:{user.id}"
    record_call(request, "deletion_requested", target=target, fields=("epoch",))
    return deletion


@user_deletion.delete(
    permission=AccountPermission.DELETE, errors=(actions.NotScheduled,)
)
def delete_user_deletion(request: Request) -> None:
    """Cancel the deletion of an account."""
    user = request.context.above(UserResource).lock()
    actions.cancel_deletion(request.db, request.registry, user)
    target = f"deletion_of:{user.id}"
    record_call(request, "deletion_cancelled", target=target)


own_deletion = user_deletion.also_at("/users/me/deletion", "of_me")
