"""Accounts as JSON."""

from typing import Any

import colander

from apiserver.core.nodes import (
    VISIBLE,
    Choice,
    Email,
    Flag,
    Id,
    Moment,
    Object,
    Text,
)
from apiserver.users.models import LONGEST_CANONICAL, canonical


def name(example: str, **kw: Any) -> Any:
    """Make a node for one of a person's names."""
    return Text(0, 30, VISIBLE, example=example, **kw)


def distinct(node: Any, value: str) -> None:
    """Refuse names that look like another one, or are too long to compare."""
    if value != value.strip():
        raise colander.Invalid(node, "Must not begin or end with white space.")
    if len(canonical(value)) > LONGEST_CANONICAL:
        raise colander.Invalid(node, "Is too long in its normal form.")


def username(**kw: Any) -> Any:
    """Make a node for the name of a new user."""
    about = {"example": "ada", "description": "Unique, whatever its case."}
    return Text(1, 80, distinct, **{**about, **kw})


def email(**kw: Any) -> Any:
    """Make a node for the email address of a new user."""
    about = {"example": "ada@example.com", "description": "Unique."}
    return Email(distinct, **{**about, **kw})


def password(**kw: Any) -> Any:
    """Make a node for a new password."""
    return Text(
        12,
        1024,
        description="Any characters; must be hard to guess, and not made of the names.",
        format="password",
        example="an umbrella for the tortoise",
        **kw,
    )


class UserSummary(Object):
    """A user, in lists."""

    id = Id(example=2)
    username = Text(1, 80, example="ada")
    first_name = name("Ada")
    middle_name = name("King")
    last_name = name("Lovelace")


class UserDetail(UserSummary):
    """A user."""

    email = Email(example="ada@example.com")
    created = Moment()
    updated = Moment()
    is_active = Flag(description="Inactive users can't sign in.")
    is_regular_user = Flag(description="Others can only read.")
    is_admin = Flag(example=False, description="Administrators may do everything.")


class UserCreate(Object):
    """What a new user is made of."""

    username = username()
    email = email()
    password = password()
    first_name = name("Ada", missing="")
    middle_name = name("King", missing="")
    last_name = name("Lovelace", missing="")
    recaptcha_key = Text(
        0,
        4096,
        missing=None,
        example="secret_key",
        description="The captcha's answer; administrators need none.",
    )


class UserPatch(Object):
    """The fields of a user that can be patched."""

    first_name = name("Ada", missing="")
    middle_name = name("King", missing="")
    last_name = name("Lovelace", missing="")
    email = Email(distinct, example="ada@example.com")
    password = password(secret=True)
    is_active = Flag(description="For administrators.")
    is_regular_user = Flag(description="For administrators.")
    is_admin = Flag(example=False, description="For administrators.")
    current_password = Text(
        1,
        1024,
        virtual=True,
        example="q",
        description="The caller's own password; every change needs a test of it.",
    )


class NewPassword(Object):
    """A new password, as the operator gives it to an account."""

    password = password()


class SignupFormDetail(Object):
    """What a sign-up form has to know."""

    recaptcha_server_key = Text(
        0,
        200,
        nullable=True,
        example="6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
        description="The public key for the captcha's widget.",
    )
    captcha = Choice(
        "off",
        "static",
        "recaptcha",
        "hcaptcha",
        "turnstile",
        example="recaptcha",
        description="Which captcha is asked for.",
    )
