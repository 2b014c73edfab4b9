"""Accounts as JSON."""

import colander

from apiserver.core.schemas import (
    Checks,
    Choice,
    Email,
    Flag,
    Id,
    Length,
    Moment,
    Name,
    Object,
    Opaque,
    SpelledType,
    Text,
    plain,
)
from apiserver.users import names

LONGEST_PASSWORD = 1024
NO_USERNAME = (
    "Must consist of letters, digits, punctuation, and single spaces between them."
)
USERNAME = (
    "Unique, ignoring case; must not look like another username (UTS 39). Letters of "
    "one script, digits, punctuation, and single spaces between them (the PRECIS "
    "profile UsernameCasePreserved, RFC 8265)."
)
EMAIL = "Unique, ignoring case. A domain in Unicode is the same as its A-labels."


def name(example: str, **kw: object) -> Text:
    """Make a node for one of a person's names."""
    return Text(0, 30, blank=False, example=example, **kw)


def clear(node: colander.SchemaNode, value: str) -> None:
    """Refuse a username that PRECIS refuses, that mixes scripts, or is too long."""
    if value != value.strip():
        raise colander.Invalid(node, "Must not begin or end with whitespace.")
    if not names.is_username(value):
        raise colander.Invalid(node, NO_USERNAME)
    if names.mixes_scripts(value):
        raise colander.Invalid(node, "Must use one script, and digits of one kind.")
    forms = (names.canonical(value), names.skeleton(value))
    if max(map(len, forms)) > names.LONGEST_CANONICAL:
        raise colander.Invalid(node, "Is too long in its normal form.")


def username(**kw: object) -> Name:
    """Make a node for the name of a new user."""
    about = {"example": "ada", "description": USERNAME}
    return Name(80, names.spelled, clear, **{**about, **kw})


def comparable(node: colander.SchemaNode, value: str) -> None:
    """Refuse an address that is too long to compare."""
    if len(names.canonical_address(value)) > names.LONGEST_CANONICAL:
        raise colander.Invalid(node, "Is too long in its normal form.")


def email(**kw: object) -> Email:
    """Make a node for the email address of a new user."""
    about = {"example": "ada@example.com", "description": EMAIL}
    return Email(comparable, **{**about, **kw})


def usable(node: colander.SchemaNode, value: str) -> None:
    """Refuse a password that PRECIS refuses: few could type it again."""
    if not names.is_password(value):
        raise colander.Invalid(node, "Must not contain invisible characters.")


def password(**kw: object) -> colander.SchemaNode:
    """Make a node for a new password (RFC 8265 section 4)."""
    return colander.SchemaNode(
        SpelledType(LONGEST_PASSWORD, names.opaque),
        validator=Checks(Length(12, LONGEST_PASSWORD), plain, usable),
        description="Any visible characters; must be hard to guess and not derived "
        "from the names.",
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
    is_regular_user = Flag(description="Other users can only read.")
    is_admin = Flag(example=False, description="Administrators may do everything.")


class UserCreate(Object):
    """The fields of a new user."""

    username = username()
    email = email()
    password = password()
    first_name = name("Ada", missing="")
    middle_name = name("King", missing="")
    last_name = name("Lovelace", missing="")
    recaptcha_key = Opaque(
        0,
        4096,
        missing=None,
        example="secret_key",
        description="The captcha response; not required for administrators.",
    )


class UserPatch(Object):
    """The fields of a user that can be patched."""

    first_name = name("Ada", missing="")
    middle_name = name("King", missing="")
    last_name = name("Lovelace", missing="")
    email = email()
    password = password(secret=True)
    is_active = Flag(description="Administrators only.")
    is_regular_user = Flag(description="Administrators only.")
    is_admin = Flag(example=False, description="Administrators only.")
    current_password = Opaque(
        1,
        LONGEST_PASSWORD,
        virtual=True,
        example="q",
        description="The caller's own password; every change needs a preceding test "
        "of it.",
    )


class NewPassword(Object):
    """A new password, as the operator gives it to an account."""

    password = password()


class SignupFormDetail(Object):
    """What a sign-up form needs."""

    recaptcha_server_key = Text(
        0,
        200,
        nullable=True,
        example="6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
        description="The public key of the captcha widget.",
    )
    captcha = Choice(
        "off",
        "static",
        "recaptcha",
        "hcaptcha",
        "turnstile",
        example="recaptcha",
        description="Which captcha is required.",
    )
