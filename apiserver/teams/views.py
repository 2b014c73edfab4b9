"""The endpoints of ``/teams``."""

from typing import Any

from sqlalchemy import select

from apiserver.core.endpoints import (
    ApiService,
    Request,
    body,
    created,
    json_patch,
    querystring,
    returns,
    returns_nothing,
    returns_page,
)
from apiserver.core.lists import Listing, PageQuery, at_least, below, contains
from apiserver.teams import actions
from apiserver.teams.models import Team
from apiserver.teams.permissions import TeamPermission
from apiserver.teams.resources import MEMBERS, SUMMARY
from apiserver.teams.schemas import (
    Member,
    MemberAdd,
    MemberPatch,
    TeamCreate,
    TeamDetail,
    TeamPatch,
    TeamSummary,
)
from apiserver.users.models import User

teams = ApiService("teams", "/teams/")
team = ApiService("team", "/teams/{team_id}")
team_members = ApiService("team_members", "/teams/{team_id}/members/")
team_member = ApiService("team_member", "/teams/{team_id}/members/{user_id}")

TEAMS = Listing(
    select(*SUMMARY),
    by=Team.id,
    sort={"title": Team.title, "created": Team.created},
    filters={
        "title": contains(Team.title),
        "created_from": at_least(Team.created),
        "created_until": below(Team.created),
    },
)
TEAM_MEMBERS = Listing(MEMBERS, by=User.id)
ALL_MEMBERS = MEMBERS.order_by(User.id)


def detail(request: Request, team: Any) -> actions.TeamRow:
    """Return the team with all of its members."""
    members = request.db.rows(ALL_MEMBERS, {"team_id": team.id})
    return actions.TeamRow.of(team, members)


@teams.get(
    permission=TeamPermission.LIST,
    schema=querystring(TEAMS.query),
    response_schemas={"200": returns_page(TeamSummary, "A page of teams.")},
)
def list_teams(request: Request) -> Any:
    """List the teams."""
    return TEAMS(request)


@teams.post(
    permission=TeamPermission.CREATE,
    schema=body(TeamCreate, form=True),
    response_schemas={"201": returns(TeamDetail, "The new team.")},
)
def create_team(request: Request) -> Any:
    """Create a team. Its creator becomes its leader."""
    leader = request.identity.user
    team = actions.create_team(request.db, leader=leader, **request.validated["body"])
    return created(request, team)


@team.get(
    permission=TeamPermission.READ,
    response_schemas={"200": returns(TeamDetail, "The team.")},
)
def get_team(request: Request) -> Any:
    """See a team and its members."""
    return detail(request, request.context.team)


@team.patch(
    permission=TeamPermission.EDIT,
    schema=json_patch(TeamPatch),
    response_schemas={"200": returns(TeamDetail, "The team after the change.")},
)
def patch_team(request: Request) -> Any:
    """Change a team's title."""
    team = request.context.lock()
    for name, value in request.validated["patch"].apply(team).items():
        setattr(team, name, value)
    request.db.flush()
    return detail(request, team)


@team.delete(
    permission=TeamPermission.DELETE,
    response_schemas={"204": returns_nothing("The team is deleted.")},
)
def delete_team(request: Request) -> None:
    """Delete a team and its memberships."""
    actions.delete_team(request.db, team_id=request.context.team.id)


@team_members.get(
    permission=TeamPermission.READ,
    schema=querystring(PageQuery),
    response_schemas={"200": returns_page(Member, "A page of members.")},
)
def list_team_members(request: Request) -> Any:
    """List the members of a team."""
    return TEAM_MEMBERS(request, team_id=request.context.team.id)


@team_members.post(
    permission=TeamPermission.EDIT,
    schema=body(MemberAdd, form=True),
    response_schemas={"201": returns(Member, "The new member.")},
    errors=(actions.NoSuchUser, actions.AlreadyMember),
)
def add_team_member(request: Request) -> Any:
    """Add a member to the team.

    Members see of each other the id, the user name and the names, and so does who adds
    one: nothing else of the account.
    """
    values = request.validated["body"]
    member = actions.add_member(request.db, request.context.team, **values)
    return created(request, member, key=member.user.id)


@team_member.get(
    permission=TeamPermission.READ,
    response_schemas={"200": returns(Member, "The member.")},
)
def get_team_member(request: Request) -> Any:
    """See a member of the team."""
    return request.context.member


@team_member.patch(
    permission=TeamPermission.EDIT,
    schema=json_patch(MemberPatch),
    response_schemas={"200": returns(Member, "The member after the change.")},
    errors=(actions.LastLeader,),
)
def patch_team_member(request: Request) -> Any:
    """Make a leader of a member, or none."""
    member = request.context.lock()
    changes = request.validated["patch"].apply(member)
    if changes:
        actions.set_leader(request.db, member, **changes)
    return request.context.member._replace(is_leader=member.is_leader)


@team_member.delete(
    permission=TeamPermission.REMOVE_MEMBER,
    response_schemas={"204": returns_nothing("The user is no member any more.")},
    errors=(actions.LastLeader,),
)
def remove_team_member(request: Request) -> None:
    """Remove a member from the team. Members may remove themselves."""
    actions.remove_member(request.db, request.context.lock())
