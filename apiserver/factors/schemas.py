"""Second factors as JSON."""

from apiserver.core.schemas import (
    Choice,
    Flag,
    FreeJson,
    Id,
    List,
    Moment,
    Object,
    Opaque,
    Text,
    Whole,
)
from apiserver.factors.models import KINDS
from apiserver.factors.recovery import COUNT

CODE = "k7mw-xq2c-rr9d-3hfn"


def name(**kw: object) -> Text:
    """Make a node for the name that a user gives a factor."""
    about = {"example": "Phone", "description": "What the user calls it."}
    return Text(1, 80, blank=False, **{**about, **kw})


def recovery_codes(description: str) -> List:
    return List(Text(1, 40, example=CODE), COUNT, description=description)


class FactorDetail(Object):
    """A second factor."""

    id = Id()
    kind = Choice(
        *KINDS,
        example="totp",
        description="An app that shows codes (RFC 6238), or a passkey (WebAuthn).",
    )
    name = name()
    is_confirmed = Flag(
        example=True, description="Before it is confirmed, nobody is asked for it."
    )
    created = Moment()
    last_used = Moment(nullable=True)


class TotpCreate(Object):
    """The fields of a new app that shows codes."""

    name = name(missing="Authenticator app", example="Phone")


class TotpCreated(FactorDetail):
    """A new app, with its secret."""

    secret = Text(
        1,
        80,
        example="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        description="In base32; shown only once.",
    )
    uri = Text(
        1,
        2000,
        example="otpauth://totp/apiserver:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        description="What an app reads.",
    )
    qr_code = Text(
        1,
        100_000,
        example="data:image/svg+xml;charset=utf-8,%3Csvg%3E%3C/svg%3E",
        description="The same as an image, by a data URL of SVG.",
    )


class FactorCode(Object):
    """A code of the app that is being set up."""

    code = Opaque(1, 20, example="287082", description="The six digits that it shows.")


class FactorPatch(Object):
    """The fields of a factor that can be patched."""

    name = name()


class FactorConfirmed(Object):
    """A factor that counts from now on."""

    factor = FactorDetail()
    recovery_codes = recovery_codes(
        "Shown only once. Empty if the account had a factor before: its codes stay."
    )


class RecoveryCodesLeft(Object):
    """How many recovery codes are left."""

    left = Whole(0, COUNT, example=9)


class RecoveryCodesCreated(Object):
    """New recovery codes."""

    recovery_codes = recovery_codes("Shown only once.")


class PasskeyOptionsCreated(Object):
    """The options with which a browser creates a passkey."""

    options = FreeJson(
        example={"challenge": "eGI1TDNrWk9tR1dR", "rp": {"id": "api.example.com"}},
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON()`; valid "
        "once, for five minutes.",
    )


class PasskeyCreate(Object):
    """A new passkey, as created by the browser."""

    name = name(missing="Passkey", example="Laptop")
    credential = FreeJson(
        example={"id": "bEa3hQ", "type": "public-key"},
        description="What `toJSON()` of the `PublicKeyCredential` returns.",
    )
