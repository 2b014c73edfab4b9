"""The endpoints of addresses that are confirmed."""

from apiserver.addresses import actions, asking
from apiserver.addresses.permissions import AddressPermission
from apiserver.addresses.schemas import AddressChangeCreate, LinkToken
from apiserver.core.endpoints import ApiService, Request, ResponseSchema
from apiserver.core.http import TooManyRequests
from apiserver.mail import LinkInvalid
from apiserver.users.actions import EmailTaken, UsernameTaken
from apiserver.users.captcha import CaptchaFailed
from apiserver.users.password_rules import PasswordIsEasy, PasswordIsPersonal
from apiserver.users.permissions import UserPermission
from apiserver.users.preparing import SignupClosed, becomes_active, refuse_closed
from apiserver.users.resources import UserResource
from apiserver.users.schemas import UserCreate, UserDetail

sign_ups = ApiService("sign_ups", "/users/sign-ups")
sign_up_confirmation = ApiService(
    "sign_up_confirmation", "/users/sign-ups/confirmation"
)
address_changes = ApiService("address_changes", "/users/me/address-changes/")
address_confirmation = ApiService(
    "address_confirmation", "/users/address-changes/confirmation"
)
address_taking_back = ApiService(
    "address_taking_back", "/users/address-changes/taking-back"
)

MAILED = {"202": ResponseSchema("A mail follows, whatever is known of the address.")}


@sign_ups.post(
    permission=UserPermission.SIGN_UP,
    prepare=asking.prepare_sign_up_call,
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

    The address is mailed a link; `POST /users/sign-ups/confirmation` takes its token
    and creates the account. The response is the same if the address already has an
    account: its owner gets a mail that says so. The captcha and limits are those of
    `POST /users/`.
    """
    asking.ask_for_sign_up(request, request.validated["body"])


@sign_up_confirmation.post(
    permission=AddressPermission.CONFIRM,
    prepare=refuse_closed,
    takes=LinkToken,
    returns=UserDetail,
    errors=(SignupClosed, LinkInvalid, UsernameTaken, EmailTaken),
)
def confirm_sign_up(request: Request) -> object:
    """Create the account of a sign-up, given the token of the mailed link.

    The token works once, for `apiserver.sign_up_lifetime` seconds. The username or
    address may have been taken since.
    """
    token = request.validated["body"]["token"]
    is_active = becomes_active(request)
    return actions.confirm_sign_up(request.db, token, is_active=is_active)


@address_changes.post(
    permission=AddressPermission.CHANGE,
    prepare=asking.prepare_change,
    takes=AddressChangeCreate,
    response_schemas=MAILED,
    errors=(actions.SameAddress, TooManyRequests),
    fresh="fresh_sign_in",
)
def create_address_change(request: Request) -> None:
    """Ask for a change of your address.

    The new address is mailed a link. The response is the same if another account has
    the address: its owner gets a mail that says so. A later change replaces this one.
    """
    user = request.context.above(UserResource).lock()
    asking.ask_for_change(request, user, request.validated["body"]["email"])


def lock_changed(request: Request) -> None:
    """Lock the account whose address a link confirms."""
    token = request.validated["body"]["token"]
    asking.lock_owner(request, actions.FIND_CHANGE, token)


@address_confirmation.post(
    permission=AddressPermission.CONFIRM,
    prepare=lock_changed,
    takes=LinkToken,
    errors=(LinkInvalid, EmailTaken),
)
def confirm_address_change(request: Request) -> None:
    """Change the address of an account, given the token of the mailed link.

    The token works once, for `apiserver.address_change_lifetime` seconds, and until the
    password or a role of the account changes, or an administrator changes its address.
    The old address is notified.
    """
    asking.confirm_change(request, request.validated["body"]["token"])


def lock_taken_back(request: Request) -> None:
    """Lock the account whose address a link takes back."""
    token = request.validated["body"]["token"]
    asking.lock_owner(request, actions.FIND_TAKE_BACK, token)


@address_taking_back.post(
    permission=AddressPermission.CONFIRM,
    prepare=lock_taken_back,
    takes=LinkToken,
    errors=(LinkInvalid, EmailTaken),
)
def take_address_back(request: Request) -> None:
    """Take back a change of an address, given the token of the link in the notice.

    The account gets back the address to which the notice went. Its sessions end, and so
    does everything granted in its name. The token works once, for
    `apiserver.address_take_back_lifetime` seconds, and until an administrator changes
    the address.
    """
    asking.take_back(request, request.validated["body"]["token"])
