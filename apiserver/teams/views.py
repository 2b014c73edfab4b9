"""The endpoints of ``/teams``."""

from sqlalchemy import select

from apiserver.core.endpoints import ApiService, Request
from apiserver.core.lists import Listing, at_least, below, contains
from apiserver.teams import actions, rows, schemas
from apiserver.teams.leaders import LastLeader
from apiserver.teams.models import Team
from apiserver.teams.permissions import TeamPermission
from apiserver.teams.resources import TeamResource
from apiserver.users.models import User

teams = ApiService("teams", "/teams/")
team = ApiService("team", "/teams/{team_id}")
team_members = ApiService("team_members", "/teams/{team_id}/members/")
team_member = ApiService("team_member", "/teams/{team_id}/members/{user_id}")

TEAMS = Listing(
    select(*rows.SUMMARY),
    by=Team.id,
    sort=(Team.title, Team.created),
    filters={
        "title": contains(Team.title),
        "created_from": at_least(Team.created),
        "created_until": below(Team.created),
    },
)
TEAM_MEMBERS = Listing(rows.SELECT_MEMBERS, by=User.id)


@teams.get(permission=TeamPermission.LIST, lists=TEAMS, returns=schemas.TeamSummary)
def list_teams(request: Request) -> object:
    """List the teams."""
    return TEAMS.page_of(request)


@teams.post(
    permission=TeamPermission.CREATE,
    takes=schemas.TeamCreate,
    returns=schemas.TeamDetail,
)
def create_team(request: Request) -> rows.TeamRow:
    """Create a team. Its creator becomes its leader."""
    leader = request.identity.user
    return actions.create_team(request.db, leader=leader, **request.validated["body"])


@team.get(permission=TeamPermission.READ, returns=schemas.TeamDetail)
def get_team(request: Request) -> rows.TeamRow:
    """See a team and its members."""
    return rows.with_members(request.db, request.context.team)


@team.patch(
    permission=TeamPermission.EDIT,
    takes=schemas.TeamPatch,
    returns=schemas.TeamDetail,
)
def patch_team(request: Request) -> rows.TeamRow:
    """Change a team's title."""
    return rows.with_members(request.db, request.context.patch())


@team.delete(permission=TeamPermission.DELETE)
def delete_team(request: Request) -> None:
    """Delete a team and its memberships."""
    actions.delete_team(request.db, team_id=request.context.team.id)


@team_members.get(
    permission=TeamPermission.READ, lists=TEAM_MEMBERS, returns=schemas.Member
)
def list_team_members(request: Request) -> object:
    """List the members of a team."""
    return TEAM_MEMBERS.page_of(request)


@team_members.post(
    permission=TeamPermission.EDIT,
    takes=schemas.MemberAdd,
    returns=schemas.Member,
    errors=(actions.NoSuchUser, actions.AlreadyMember),
)
def add_team_member(request: Request) -> rows.MemberRow:
    """Add a member to the team.

    Members, and whoever adds one, see only the id, the username and the names of each
    other's account.
    """
    team = request.context.above(TeamResource).team
    return actions.add_member(request.db, team, **request.validated["body"])


@team_member.get(permission=TeamPermission.READ, returns=schemas.Member)
def get_team_member(request: Request) -> object:
    """See a member of the team."""
    return request.context.member


@team_member.patch(
    permission=TeamPermission.EDIT,
    takes=schemas.MemberPatch,
    returns=schemas.Member,
    errors=(LastLeader,),
)
def patch_team_member(request: Request) -> object:
    """Change whether a member is a leader."""
    member = request.context.lock()
    changes = request.validated["patch"].apply(member)
    if changes:
        actions.set_leader(request.db, member, **changes)
    return request.context.member._replace(is_leader=member.is_leader)


@team_member.delete(permission=TeamPermission.REMOVE_MEMBER, errors=(LastLeader,))
def remove_team_member(request: Request) -> None:
    """Remove a member from the team. Members may remove themselves."""
    actions.remove_member(request.db, request.context.lock())
