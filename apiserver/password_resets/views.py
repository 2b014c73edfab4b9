"""The endpoints of lost passwords."""

from apiserver.core.endpoints import ApiService, Request
from apiserver.core.http import TooManyRequests
from apiserver.core.jobs import put
from apiserver.mail import LinkInvalid, limit_mails
from apiserver.password_resets import actions, jobs
from apiserver.password_resets.permissions import PasswordResetPermission
from apiserver.password_resets.schemas import PasswordResetConfirm, PasswordResetCreate
from apiserver.users.password_rules import PasswordIsEasy, PasswordIsPersonal
from apiserver.users.resources import UserResource

resets = ApiService("password_resets", "/auth/password-resets/")
confirmation = ApiService(
    "password_reset_confirmation", "/auth/password-resets/confirmation"
)
user_resets = ApiService("user_password_resets", "/users/{user_id}/password-resets/")


@resets.post(
    permission=PasswordResetPermission.ASK,
    prepare=limit_mails,
    takes=PasswordResetCreate,
    errors=(TooManyRequests,),
    status=202,
)
def create_password_reset(request: Request) -> None:
    """Ask for a link that sets a new password.

    The response is the same whether or not an account has the address. If an active
    account does, the link is mailed to it. The number of mails that a network address
    may ask for is limited.
    """
    email = request.validated["body"]["email"]
    put(request.db, jobs.find_account_of_address, {"email": email})


def prepare_link(request: Request) -> None:
    """Check the link, and check and hash the password, before anything is locked."""
    body = request.validated["body"]
    request.validated["link"] = actions.prepare_link(request, **body)


@confirmation.post(
    permission=PasswordResetPermission.USE,
    prepare=prepare_link,
    takes=PasswordResetConfirm,
    errors=(
        LinkInvalid,
        PasswordIsPersonal,
        PasswordIsEasy,
        TooManyRequests,
    ),
)
def confirm_password_reset(request: Request) -> None:
    """Set a new password, given the token of the mailed link.

    It works once. All sessions and tokens of the user end, including personal access
    tokens; the user is notified by mail. Signing in still asks for a second factor.
    """
    account = actions.use_link(request, request.validated["link"])
    jobs.tell(request, account)


@user_resets.post(
    permission=PasswordResetPermission.SEND, errors=(actions.NoLink,), status=202
)
def create_user_password_reset(request: Request) -> None:
    """Mail a user a link that sets a new password.

    For administrators, who don't have to choose or know a password. Until the link is
    used, the old password works.
    """
    jobs.send_link(request, request.context.above(UserResource).lock())
