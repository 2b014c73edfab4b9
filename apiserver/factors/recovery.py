"""Recovery codes: for whoever has lost the authenticator; each works once.

They are random, about 79 bits each, so their digests are as good as they are.
"""

import re
import secrets

from apiserver.auth.tokens import digest

COUNT = 10
# Without letters and digits that look like others.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, LENGTH = 4, 4

_SPACES = re.compile(r"[\s-]+")


def new_codes() -> list[str]:
    """Return ten codes, such as ``k7mw-xq2c-rr9d-3hfn``."""
    return [new_code() for _ in range(COUNT)]


def new_code() -> str:
    groups = [
        "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(GROUPS)
    ]
    return "-".join(groups)


def digest_of(code: str, *, user_id: int) -> bytes:
    """Return what is stored of a code, however it was typed."""
    return digest(f"{user_id} {_SPACES.sub('', code).lower()}")
