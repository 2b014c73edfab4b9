"""What the tests of teams share: a team in which somebody has a part."""

import pytest

from tests.project import user

__all__ = ["user"]


@pytest.fixture
def leader(make_user):
    return make_user(first_name="Ada")


@pytest.fixture
def make_ids(make_user, make_team):
    """A function that makes a team in which the user has a part, and returns ids.

    The team has another leader and a member besides; a newcomer is in no team.
    """

    def make(user, part):
        member = make_user()
        team = make_team(
            leaders=[make_user(), *([user] if part == "leader" else [])],
            members=[member, *([user] if part == "member" else [])],
        )
        return {
            "team_id": team.id,
            "user_id": member.id,
            "newcomer_id": make_user().id,
            "own_id": user.id,
        }

    return make
