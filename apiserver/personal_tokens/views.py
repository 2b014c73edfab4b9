"""The endpoints of personal access tokens."""

from apiserver.core.audit import record_call
from apiserver.core.db import now
from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import NotFound
from apiserver.core.lists import Listing
from apiserver.personal_tokens import actions
from apiserver.personal_tokens.models import PersonalToken
from apiserver.personal_tokens.permissions import PersonalTokenPermission
from apiserver.personal_tokens.resources import LIVE, PersonalTokenResource
from apiserver.personal_tokens.schemas import (
    PersonalTokenCreate,
    PersonalTokenCreated,
    PersonalTokenDetail,
)
from apiserver.users.resources import UserResource

user_tokens = ApiService("user_personal_tokens", "/users/{user_id}/personal-tokens/")
user_token = ApiService(
    "user_personal_token", "/users/{user_id}/personal-tokens/{personal_token_id}"
)
TOKENS = Listing(LIVE, by=PersonalToken.id)


@user_tokens.get(
    permission=PersonalTokenPermission.LIST, lists=TOKENS, returns=PersonalTokenDetail
)
def list_user_personal_tokens(request: Request) -> object:
    """List the personal access tokens of a user, without the tokens themselves."""
    return TOKENS.page_of(request, now=now())


@user_token.delete(permission=PersonalTokenPermission.REVOKE)
def delete_user_personal_token(request: Request) -> None:
    """Revoke a personal access token immediately."""
    user_id = request.context.above(UserResource).user.id
    token_id = request.context.above(PersonalTokenResource).personal_token.id
    if not actions.revoke_token(request.db, user_id=user_id, token_id=token_id):
        raise NotFound("The token is gone.")
    target = f"personal_token:{token_id} of:{user_id}"
    record_call(request, "personal_token_revoked", target=target)


own_tokens = user_tokens.also_at("/users/me/personal-tokens/", "of_me")
own_token = user_token.also_at("/users/me/personal-tokens/{personal_token_id}", "of_me")


@own_tokens.post(
    permission=PersonalTokenPermission.CREATE,
    takes=PersonalTokenCreate,
    returns=PersonalTokenCreated,
    errors=(actions.ScopesRefused, actions.LifetimeRefused, actions.TooManyTokens),
    status=201,
    fresh="fresh_sign_in",
)
def create_personal_token(request: Request) -> object:
    """Create a personal access token, for your own scripts.

    It is shown only once. It can't have scopes that the calling token lacks, and can't
    create other tokens: that takes a recent sign-in.
    """
    values = request.validated["body"]
    actions.check_scopes(values["scopes"], request.identity.scopes)
    actions.check_days(values["days"], request.registry.settings)
    user = request.context.above(UserResource).lock()
    amr = request.identity.amr
    token = actions.create_token(request.db, user=user, amr=amr, **values)
    target = f"personal_token:{token.id} of:{user.id}"
    record_call(request, "personal_token_created", target=target)
    return token
