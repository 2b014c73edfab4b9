"""Recovery codes, for users who have lost their authenticator; each works once.

Each has about 79 random bits, so that their digests can't be reversed by guessing.
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
    """Return the digest to store for a code, however it was typed."""
    return digest(f"{user_id} {_SPACES.sub('', code).lower()}")
