"""What the tests of accounts send, and what they expect back."""

from itertools import count
from typing import Any
from unittest.mock import ANY

from apiserver.users.models import User
from tests.factories import PASSWORD
from tests.patches import op
from tests.problems import conflict, problem
from tests.racers import ADDRESSES, Call

NAME_TAKEN = conflict(
    "This username, or one that looks like it, is already taken.", "username"
)
EMAIL_TAKEN = conflict("A user with this email address already exists.", "email")
WRONG = problem(403, "The current password is incorrect.")
LOCKED = problem(429, "Too many attempts. Try again in 15 min.")
SHORT = "Must be at least 12 characters long."
EASY = "Is too easy to guess; use several unrelated words."
PERSONAL = "Must not contain your username, names or email address."

_numbers = count(1)


def newcomer(**fields: Any) -> dict[str, Any]:
    """Return what a sign-up sends, the captcha of testing.ini solved."""
    number = next(_numbers)
    return {
        "username": f"newcomer{number}",
        "email": f"newcomer{number}@example.com",
        "password": PASSWORD,
        "recaptcha_key": "secret_key",
        **fields,
    }


def summary(user: Any) -> dict[str, Any]:
    """Return what lists show of an account."""
    return {
        "id": user.id,
        "username": user.username,
        "first_name": user.first_name,
        "middle_name": user.middle_name,
        "last_name": user.last_name,
    }


def detail(user: Any, **changes: Any) -> dict[str, Any]:
    """Return what the API shows of an account, with the given changes."""
    return {
        **summary(user),
        "email": user.email,
        "created": ANY,
        "updated": ANY,
        "is_active": user.is_active,
        "is_regular_user": user.is_regular_user,
        "is_admin": user.is_admin,
        **changes,
    }


def password_test(password: Any = PASSWORD) -> dict[str, Any]:
    """Return the operation that every patch of an account begins with."""
    return op("test", "/current_password", value=password)


def patch(*operations: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the patch of these operations, the caller's password before them."""
    return [password_test(), *operations]


def change(client: Any, user: Any, *operations: dict[str, Any], **kw: Any) -> Any:
    """Patch an account, by the caller's password; return the response."""
    return client.patch(f"/users/{user.id}", patch(*operations), **kw)


def columns(db: Any, user: Any) -> dict[str, Any]:
    """Return what is stored of an account, every column of it."""
    db.refresh(user)
    return {column.key: getattr(user, column.key) for column in User.__table__.columns}


def change_call(
    token: str, user: Any, *operations: dict[str, Any], **headers: str
) -> Call:
    """Return the call that patches an account, from an address of its own."""
    return Call(
        token,
        "PATCH",
        f"/users/{user.id}",
        patch(*operations),
        headers,
        address=next(ADDRESSES),
    )
