"""Teams and members, and what a caller can be to them."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_team_of, make_user


def team(db: Any, caller: Any, role: str | None) -> Place:
    team = make_team_of(db, caller, role)
    return Place({"team_id": team.id}, {role}, user_id=make_user(db).id)


def member(db: Any, caller: Any, role: str | None) -> Place:
    """Make a team with a member: the caller itself, or another one."""
    member = caller if role == "member:self" else make_user(db)
    team = make_team_of(db, caller, role, member)
    roles = {role, "team:member"} if role == "member:self" else {role}
    keys = {"team_id": team.id, "user_id": member.id}
    return Place(keys, roles, newcomer_id=make_user(db).id)


PLACES = {
    "/teams/{team_id}": team,
    "/teams/{team_id}/members/{user_id}": member,
}
