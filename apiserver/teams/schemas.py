"""Teams as JSON."""

from apiserver.core.schemas import Flag, Id, List, Moment, Object, Text
from apiserver.users.schemas import UserSummary


def title(**kw: object) -> Text:
    """Make a node for the title of a team."""
    about = {"example": "Engineers", "description": "The name of the team."}
    return Text(3, 50, blank=False, **about, **kw)


class TeamSummary(Object):
    """A team, in lists."""

    id = Id()
    title = title()


class Membership(Object):
    """A user in a team."""

    user = UserSummary()
    is_leader = Flag(description="Leaders may change the team.")


class Member(Membership):
    """A member, with its team."""

    team = TeamSummary()


class TeamDetail(TeamSummary):
    """A team with its members."""

    members = List(Membership())
    created = Moment()
    updated = Moment()


class TeamCreate(Object):
    """The fields of a new team."""

    title = title()


class TeamPatch(Object):
    """The fields of a team that can be patched."""

    title = title()


class MemberAdd(Object):
    """The user to add."""

    user_id = Id(example=2, description="The user.")
    is_leader = Flag(
        missing=False, example=True, description="Leaders may change the team."
    )


class MemberPatch(Object):
    """The fields of a membership that can be patched."""

    is_leader = Flag(description="Leaders may change the team.")
