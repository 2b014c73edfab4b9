"""The endpoints of addresses that are confirmed."""

from apiserver.addresses import actions
from apiserver.addresses.asking import ask_for_sign_up, prepare_sign_up_call
from apiserver.addresses.permissions import AddressPermission
from apiserver.addresses.schemas import LinkToken
from apiserver.core.endpoints import ApiService, Request, ResponseSchema
from apiserver.core.http import TooManyRequests
from apiserver.users.actions import EmailTaken, UsernameTaken
from apiserver.users.captcha import CaptchaFailed
from apiserver.users.password_rules import PasswordIsEasy, PasswordIsPersonal
from apiserver.users.permissions import UserPermission
from apiserver.users.preparing import SignupClosed, becomes_active, refuse_closed
from apiserver.users.schemas import UserCreate, UserDetail

sign_ups = ApiService("sign_ups", "/users/sign-ups")
sign_up_confirmation = ApiService(
    "sign_up_confirmation", "/users/sign-ups/confirmation"
)

MAILED = {"202": ResponseSchema("A mail follows, whatever is known of the address.")}


@sign_ups.post(
    permission=UserPermission.SIGN_UP,
    prepare=prepare_sign_up_call,
    takes=UserCreate,
    response_schemas=MAILED,
    errors=(
        CaptchaFailed,
        SignupClosed,
        UsernameTaken,
        PasswordIsPersonal,
        PasswordIsEasy,
        TooManyRequests,
    ),
)
def create_sign_up(request: Request) -> None:
    """Sign up as a new user whose address is verified.

    A mail with a link goes to the address; `POST /users/sign-ups/confirmation` takes
    its token, and creates the account. The response is the same for an address that has
    an account: its owner gets a mail that says so. Captcha and limits are those of
    `POST /users/`.
    """
    ask_for_sign_up(request, request.validated["body"])


@sign_up_confirmation.post(
    permission=AddressPermission.CONFIRM,
    prepare=refuse_closed,
    takes=LinkToken,
    returns=UserDetail,
    errors=(SignupClosed, actions.LinkGone, UsernameTaken, EmailTaken),
)
def confirm_sign_up(request: Request) -> object:
    """Create the account of a sign-up, by the token of the link that was mailed.

    The token works once, for `apiserver.sign_up_lifetime` seconds. Username and address
    may have been taken since.
    """
    token = request.validated["body"]["token"]
    is_active = becomes_active(request)
    return actions.confirm_sign_up(request.db, token, is_active=is_active)
