"""Authorization requests, validated before the user is asked.

These checks precede oauthlib's, and are stricter: no parameter is repeated,
``response_type`` is ``code``, PKCE uses S256.
"""

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import unquote_plus

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2.rfc6749 import errors

from apiserver.auth.oauth.codes import CHALLENGE

PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "acr_values",
    "request",
    "request_uri",
    # Ignored here, but an error if repeated.
    "nonce",
    "resource",
)
PROMPTS = {"none", "login", "consent"}
MAX_AGE = re.compile("[0-9]{1,9}")

# The unescaped characters of a form, and percent-encoding.
_TEXT = re.compile(r"(?:[!$'-;?-Z_a-z~=]|%[0-9A-Fa-f]{2})*")
_STATE = re.compile(r"[\x20-\x7e]{1,2000}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e ]*")


class RequestNotSupported(errors.OAuth2Error):
    error = "request_not_supported"


class RequestUriNotSupported(errors.OAuth2Error):
    error = "request_uri_not_supported"


def parse_query(query: str) -> list[tuple[str, str]]:
    """Parse ``name=value&…`` strictly; raise ValueError for anything else.

    Unknown parameters are ignored (RFC 6749 section 3.1), as are those without a value.
    """
    pairs = []
    for pair in filter(None, query.split("&")):
        name, separator, value = pair.partition("=")
        if not separator or not _TEXT.fullmatch(pair):
            raise ValueError("not a form")
        pairs.append((decode(name), decode(value)))
    return [(name, value) for name, value in pairs if name in PARAMETERS and value]


def decode(text: str) -> str:
    return unquote_plus(text, errors="strict")


def repeated(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the repeated names."""
    counted = Counter(name for name, _ in pairs)
    return {name for name, count in counted.items() if count > 1}


def check_strictly(request: OAuthRequest) -> dict[str, object]:
    """Reject what oauthlib would accept; its hook before its own checks."""
    if request.repeated:
        raise errors.InvalidRequestError("A parameter is given more than once.")
    if not _STATE.fullmatch(request.state or "x"):
        request.state = None
        raise errors.InvalidRequestError("The state must be printable ASCII.")
    if request.response_type is not None and request.response_type != "code":
        raise errors.UnsupportedResponseTypeError
    if getattr(request, "request", None):
        raise RequestNotSupported
    if getattr(request, "request_uri", None):
        raise RequestUriNotSupported
    if request.response_mode not in {None, "query"}:
        raise errors.InvalidRequestError("The response_mode must be query.")
    check_pkce(request)
    if not _SCOPE.fullmatch(request.scope or ""):
        raise errors.InvalidScopeError
    return check_prompt(request)


def check_pkce(request: OAuthRequest) -> None:
    """Require an S256 challenge (RFC 7636 section 4.2, RFC 9700 section 2.1.1)."""
    if request.code_challenge is None:
        raise errors.InvalidRequestError("PKCE is required: code_challenge is missing.")
    if request.code_challenge_method != "S256":
        raise errors.InvalidRequestError("The code_challenge_method must be S256.")
    if not CHALLENGE.fullmatch(request.code_challenge):
        raise errors.InvalidRequestError("The code_challenge is malformed.")


def check_prompt(request: OAuthRequest) -> dict[str, object]:
    """Parse ``prompt`` and ``max_age`` (OpenID Connect Core section 3.1.2.1)."""
    prompts = set((request.prompt or "").split())
    if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise errors.InvalidRequestError("Unknown prompt.")
    if request.max_age is not None and not MAX_AGE.fullmatch(request.max_age):
        raise errors.InvalidRequestError("The max_age must be a number of seconds.")
    return {}
