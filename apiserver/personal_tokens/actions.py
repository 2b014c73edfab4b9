"""Create and revoke personal access tokens, for views and pages."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from apiserver.auth.tokens import PERSONAL, digest, make_token
from apiserver.core.db import Session, now
from apiserver.core.endpoints import Request
from apiserver.core.http import Conflict, ValidationFailed
from apiserver.core.typing import Row
from apiserver.personal_tokens.models import PersonalToken
from apiserver.personal_tokens.resources import DETAIL, LIVE

# The most tokens of one user.
MOST = 100

OF_USER = LIVE.where(PersonalToken.user_id == bindparam("user_id")).order_by(
    PersonalToken.id.desc()
)
COUNT = select(func.count()).where(PersonalToken.user_id == bindparam("user_id"))
INSERT = insert(PersonalToken).returning(*DETAIL)
REVOKE = delete(PersonalToken).where(
    PersonalToken.user_id == bindparam("user_id"),
    PersonalToken.id == bindparam("token_id"),
)


class TooManyTokens(Conflict):
    sentence = f"An account can have at most {MOST} personal access tokens."


class ScopesRefused(ValidationFailed):
    """Callers can't grant scopes that they lack: those at ``indexes`` of the list."""

    def __init__(self, *indexes: int) -> None:
        super().__init__(
            *(
                ("body", f"scopes.{index}", "You can't grant this scope.")
                for index in indexes or (0,)
            )
        )


class LifetimeRefused(ValidationFailed):
    """The server allows no token this lifetime."""

    def __init__(self, most: int = 366) -> None:
        super().__init__(("body", "days", f"Must be at most {most}."))


def check_scopes(scopes: Iterable[str], allowed: Collection[str]) -> None:
    """Raise ScopesRefused for scopes that aren't allowed."""
    beyond = [index for index, scope in enumerate(scopes) if scope not in allowed]
    if beyond:
        raise ScopesRefused(*beyond)


def check_days(days: int | None, settings: Mapping[str, Any]) -> None:
    """Raise LifetimeRefused for a lifetime that the settings don't allow."""
    most: int = settings["apiserver.personal_token_days"]
    if days is None and settings["apiserver.personal_token_forever"]:
        return
    if days is None or days > most:
        raise LifetimeRefused(most)


def create_token(
    db: Session,
    *,
    user: Row,
    amr: Collection[str],
    name: str,
    scopes: Collection[str],
    days: int | None,
) -> SimpleNamespace:
    """Create a token for a locked user; the returned row has the ``token`` itself.

    ``user`` has id and epoch. Raises TooManyTokens.
    """
    if db.execute(COUNT, {"user_id": user.id}).scalar_one() >= MOST:
        raise TooManyTokens
    token, moment = make_token(PERSONAL), now()
    values = {
        "user_id": user.id,
        "user_epoch": user.epoch,
        "name": name,
        "digest": digest(token),
        "scopes": scopes,
        "amr": amr,
        "created": moment,
        "expires": moment + timedelta(days=days) if days is not None else None,
    }
    return SimpleNamespace(**db.execute(INSERT, values).one()._asdict(), token=token)


def tokens_of(db: Session, *, user_id: int) -> list[Row]:
    """Return the tokens of a user, latest first."""
    return list(db.execute(OF_USER, {"user_id": user_id, "now": now()}))


def count_tokens(request: Request, user_id: int) -> int:
    """Return how many tokens a user has, for administrators."""
    return len(tokens_of(request.db, user_id=user_id))


def revoke_token(db: Session, *, user_id: int, token_id: int) -> bool:
    """End a token of the user; return False if there is none."""
    parameters = {"user_id": user_id, "token_id": token_id}
    return bool(db.run(REVOKE, parameters))
