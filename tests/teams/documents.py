"""What the tests of teams expect to read."""

from typing import Any
from unittest.mock import ANY

from tests.users.accounts import summary


def membership(user: Any, *, leads: bool = False) -> dict[str, Any]:
    return {"user": summary(user), "is_leader": leads}


def member(team: Any, user: Any, *, leads: bool = False) -> dict[str, Any]:
    team = {"id": team.id, "title": team.title}
    return {"team": team, **membership(user, leads=leads)}


def detail(team: Any, *members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return what the API shows of a team with its memberships."""
    return {
        "id": team.id,
        "title": team.title,
        "members": list(members),
        "created": ANY,
        "updated": ANY,
        **changes,
    }
