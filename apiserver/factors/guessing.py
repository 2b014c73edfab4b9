"""Limits on guessing codes, per account.

Six digits could be guessed, so attempts are counted. Someone who knows the password can
use them up, but locks nobody out: recovery codes and passkeys can't be guessed, and are
always accepted.
"""

from apiserver.core.db import commit_so_far, counter_key
from apiserver.core.endpoints import Request
from apiserver.users.throttle import Counter, count_or_refuse, forgive


def counters_of(request: Request, kind: str, user_id: int) -> list[Counter]:
    """Return the counters of attempts, for the address and for the account."""
    return [
        Counter(
            counter_key("address", request.network),
            request.setting("login_attempts_per_address"),
        ),
        Counter(counter_key(kind, str(user_id)), request.setting("login_attempts")),
    ]


def count_attempt(request: Request, kind: str, user_id: int) -> None:
    """Count an attempt, and commit that before anything is checked.

    Raises TooManyRequests after too many.
    """
    count_or_refuse(request, counters_of(request, kind, user_id))
    commit_so_far(request)


def forget_attempts(request: Request, kind: str, user_id: int) -> None:
    """Take back the attempts that were counted before a correct one."""
    forgive(request, counters_of(request, kind, user_id))
