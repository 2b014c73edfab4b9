"""References to members and accounts: what their GET demands, under their locks."""

import pytest

from tests.contract.places import make_place
from tests.problems import invalid

NO_OBJECT = "Is not the id of an object that you can see."


@pytest.fixture(scope="session")
def app(make_project_app):
    return make_project_app("tests.teams.tasks")


@pytest.fixture
def ids(db, user):
    """Those of a team of which the user is a member, and of another member."""
    place = make_place(db, "/teams/{team_id}/members/{user_id}", user, "team:member")
    return {**place.keys, **place.values, "own_id": user.id}


@pytest.fixture
def post(api, ids, user, statements):
    """A function that gives a task as the user, in the order of locks."""
    client = api(user)

    def post(**fields):
        with statements():
            return client.post(f"/teams/{ids['team_id']}/tasks/", fields)

    return post


class TestMember:
    def test_of_the_team_is_taken(self, post, ids):
        response = post(assignee_ids=[ids["user_id"], ids["own_id"]])
        assert response.status_int == 204, response.text

    def test_of_another_team_is_refused(self, post, ids, make_user, make_team):
        other = make_user()
        make_team(leaders=[other])
        for number in (other.id, ids["newcomer_id"], 2**62):
            response = post(assignee_ids=[ids["own_id"], number])
            assert response.json == invalid(**{"assignee_ids.1": NO_OBJECT})


class TestAccount:
    def test_that_the_caller_sees_is_taken(self, post, ids):
        assert post(reviewer_id=ids["own_id"]).status_int == 204

    def test_of_another_is_refused(self, post, ids):
        for number in (ids["user_id"], 2**62):
            assert post(reviewer_id=number).json == invalid(reviewer_id=NO_OBJECT)
