"""Teams in the tree: ``/teams/``, ``/teams/{team_id}`` and the members below."""

from collections.abc import Iterable

from pyramid.authorization import Allow
from sqlalchemy import and_, select

from apiserver.core.http import NotFound
from apiserver.core.tree import CALLER, KEY, SIGNED_IN, USER, Collection, Item
from apiserver.core.typing import Row
from apiserver.teams.models import Team, TeamMember
from apiserver.teams.permissions import LEADER, MEMBER, SELF, TeamPermission
from apiserver.teams.rows import SELECT_MEMBERS, SUMMARY
from apiserver.users.models import User
from apiserver.users.resources import HOLD_ACCOUNTS, UserResource


class TeamMemberResource(Item[TeamMember]):
    """One member of the team: ``context.member``."""

    __acl__ = [(Allow, SELF, [TeamPermission.REMOVE_MEMBER])]
    noun = "member"
    key_name = "user.id"
    key_example = 2
    model = TeamMember
    statement = SELECT_MEMBERS.where(User.id == KEY)
    lock_rank = UserResource.lock_rank
    member: Row

    def local_roles(self, user: Row) -> Iterable[str]:
        return (SELF,) if user.id == self.member.user.id else ()

    def hold(self) -> None:
        """Lock the team, and the accounts of member and caller, shared."""
        self.above(TeamResource).hold()
        self.lock_row(exclusive=False)

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the accounts of member and caller, shared; the team is locked."""
        self.request.db.rows(HOLD_ACCOUNTS, self.parameters())

    def lock(self) -> TeamMember:
        """Return the entity; lock the row of its team."""
        team = self.above(TeamResource).lock()
        key = (team.id, self.member.user.id)
        member: TeamMember | None = self.request.db.get(TeamMember, key)
        if member is None:
            raise NotFound("The member is gone.")
        return member


class TeamMemberCollection(Collection):
    """The members of a team."""

    item = TeamMemberResource


class TeamResource(Item[Team]):
    """One team: ``context.team``."""

    __acl__ = [
        (
            Allow,
            LEADER,
            [
                TeamPermission.READ,
                TeamPermission.EDIT,
                TeamPermission.REMOVE_MEMBER,
                TeamPermission.DELETE,
            ],
        ),
        (Allow, MEMBER, [TeamPermission.READ]),
    ]
    children = {"members": TeamMemberCollection}
    noun = "team"
    model = Team
    # With the caller's membership: is_leader is NULL for a caller who is not a member.
    statement = (
        select(*SUMMARY, Team.created, Team.updated, TeamMember.is_leader)
        .outerjoin(
            TeamMember,
            and_(TeamMember.team_id == Team.id, TeamMember.user_id == CALLER),
        )
        .where(Team.id == KEY)
    )
    team: Row

    def lock_row(self, *, exclusive: bool) -> None:
        """Lock the team exclusively, even for changes to members."""
        super().lock_row(exclusive=True)

    def local_roles(self, user: Row) -> Iterable[str]:
        return {None: (), True: (LEADER,), False: (MEMBER,)}[self.team.is_leader]


class TeamCollection(Collection):
    """All teams."""

    __acl__ = [
        (Allow, SIGNED_IN, [TeamPermission.LIST]),
        (Allow, USER, [TeamPermission.CREATE]),
    ]
    item = TeamResource
