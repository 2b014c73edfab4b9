"""What is particular to titles and ids of members; ``bad_input`` walks all limits."""

import pytest

from tests.patches import replace
from tests.problems import invalid

LARGEST_ID = 2**63 - 1


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def client(api, leader):
    return api(leader)


@pytest.fixture
def path(make_team, leader):
    return f"/teams/{make_team(leaders=[leader]).id}"


class TestTitle:
    @pytest.mark.parametrize("character", ["ü", "\N{MATHEMATICAL FRAKTUR SMALL A}"])
    @pytest.mark.parametrize("length", [3, 50])
    def test_shortest_and_longest(self, client, path, character, length):
        title = character * length
        assert client.post("/teams/", {"title": title}).json["title"] == title
        assert client.post("/teams/", form={"title": title}).json["title"] == title
        answer = client.patch(path, [replace("title", title)])
        assert (answer.status_int, answer.json["title"]) == (200, title)

    def test_may_be_long_while_a_patch_is_applied(self, client, path):
        """Up to 64 KiB as JSON; what comes of it must fit."""
        longest = "x" * (64 * 1024 - len('{"title":""}'))
        short = replace("title", "Pilots")
        answer = client.patch(path, [replace("title", longest), short])
        assert (answer.status_int, answer.json["title"]) == (200, "Pilots")
        answer = client.patch(path, [short, replace("title", longest + "x"), short])
        assert answer.json == invalid(**{"1": "Makes the document too large."})


class TestUserId:
    @pytest.mark.parametrize(("value", "status"), [(LARGEST_ID, 404), (2**63, 422)])
    def test_largest(self, client, path, value, status):
        for body in ({"json": {"user_id": value}}, {"form": {"user_id": str(value)}}):
            answer = client.call("POST", f"/api/v1{path}/members/", **body)
            assert answer.status_int == status


class TestBody:
    @pytest.mark.parametrize(("levels", "status"), [(32, 422), (33, 400)])
    def test_has_32_levels(self, client, levels, status):
        value = []
        for _ in range(levels - 2):
            value = [value]
        answer = client.post("/teams/", {"title": value})
        assert answer.status_int == status
        sentence = "The body is nested more than 32 levels deep."
        assert (sentence in answer.text) == (status == 400)

    @pytest.mark.parametrize(("count", "status"), [(1000, 422), (1001, 400)])
    def test_has_1000_members(self, client, count, status):
        # The title is a member, too.
        answer = client.post("/teams/", {"title": [0] * (count - 1)})
        assert answer.status_int == status
