"""Invitations to a team, and what a caller is there; links that were mailed."""

from typing import Any

from tests.contract.places import Place
from tests.factories import make_team_of
from tests.invitations.factories import make_invitation


def invitations(db: Any, caller: Any, role: str | None) -> Place:
    team = make_team_of(db, caller, role)
    row, _ = make_invitation(db, team)
    _, token = make_invitation(db, team)
    keys = {"team_id": team.id, "invitation_id": row.id}
    return Place(keys, {role}, token=token)


def link(db: Any, caller: Any, role: str | None) -> Place:
    team = make_team_of(db, caller, role)
    _, token = make_invitation(db, team)
    return Place(token=token)


PLACES = {
    "/teams/{team_id}/invitations/": invitations,
    "/teams/{team_id}/invitations/{invitation_id}": invitations,
    "/invitations/": link,
}
RULES = {"token": "of an invitation that was mailed"}
