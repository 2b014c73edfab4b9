"""What is served and is no part of the documents, each with the reason."""

import re
from typing import NamedTuple

from tests.settings import SHIPPED

HTML = "text/html"
JSON = "application/json"
FILE = "application/octet-stream"
PROBLEM = "application/problem+json"


class Outside(NamedTuple):
    """A pattern of paths, what is answered there, and why no document says so.

    The media types are those of answers with a body. Problem documents come everywhere.
    """

    pattern: str
    reason: str
    media_types: tuple[str, ...] = ()


OF_FACTORS = (
    Outside("/auth/(second|enrol)-factor", "are pages for people", (HTML,)),
    Outside("/auth/passkey", "is a page, and what its script asks for", (HTML, JSON)),
    Outside("/account/.*", "are the pages of one's account", (HTML,)),
)
OF_PASSWORD_RESETS = (
    Outside("/account/(lost|new)-password", "are pages for people", (HTML,)),
)
OF_INVITATIONS = (
    Outside("/account/invitation", "is where the link of a mail leads", (HTML,)),
)
OUTSIDE = (
    Outside("/", "leads people to the documentation", (HTML,)),
    Outside("/api/v1/", "shows the document to people", (HTML,)),
    Outside("/api/v1/oauth2-redirect", "is a part of that page", (HTML,)),
    Outside("/api/v1/(swagger|openapi).json", "is the document itself", (JSON,)),
    Outside(
        "/(swagger-ui|documentation|passkeys)/.*",
        "are the files of pages",
        (
            "text/css",
            "text/javascript",
            "application/javascript",
            "image/png",
            "image/svg+xml",
        ),
    ),
    Outside(
        "/auth/oauth2/(token|revoke|introspect)",
        "are defined by RFC 6749, 7009 and 7662; securityDefinitions lead there",
        (JSON,),
    ),
    Outside(
        "/.well-known/oauth-(authorization-server|protected-resource)",
        "are defined by RFC 8414 and RFC 9728",
        (JSON,),
    ),
    Outside("/auth/(login|logout|oauth2/authorize)", "are pages for people", (HTML,)),
    Outside("/mail/(1(/html)?)?", "shows developers what would be mailed", (HTML,)),
    Outside("/account/data", "is a page, and what it downloads", (HTML, FILE)),
    *(OF_FACTORS if "factors" in SHIPPED.split() else ()),
    *(OF_PASSWORD_RESETS if "password_resets" in SHIPPED.split() else ()),
    *(OF_INVITATIONS if "invitations" in SHIPPED.split() else ()),
    Outside("/admin/.*", "are the pages of administrators", (HTML,)),
    Outside("/(healthz|readyz)", "are for what watches the server", (JSON,)),
    Outside("/metrics", "is for what measures the server", ("text/plain",)),
)


def outside(path: str) -> Outside | None:
    """Return what the path leads to, if it is no part of the documents."""
    return next((each for each in OUTSIDE if re.fullmatch(each.pattern, path)), None)
