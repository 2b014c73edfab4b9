"""PATCH of teams and of members: each operation of JSON Patch (RFC 6902)."""

import pytest

from tests.patches import op, replace
from tests.problems import problem
from tests.teams.documents import detail, member, membership

RENAME = replace("title", "Designers")
PROMOTE = replace("is_leader", True)


@pytest.fixture
def leader(make_user):
    return make_user()


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def client(api, leader):
    return api(leader)


@pytest.fixture
def team(make_team, leader, user):
    return make_team(leaders=[leader], members=[user])


@pytest.fixture
def paths(team, user):
    """The paths of the team and of the member, by the field that can be patched."""
    path = f"/teams/{team.id}"
    return {"title": path, "is_leader": f"{path}/members/{user.id}"}


class TestOperations:
    @pytest.mark.parametrize(
        ("operations", "title"),
        [
            ([RENAME], "Designers"),
            ([op("add", "/title", value="Designers")], "Designers"),
            ([op("remove", "/title"), op("add", "/title", value="Tests")], "Tests"),
            ([op("test", "/title", value="Engineers")], "Engineers"),
            ([op("test", "/title", value="Engineers"), RENAME], "Designers"),
            ([RENAME, op("test", "/title", value="Designers")], "Designers"),
            ([op("copy", "/title", source="/title")], "Engineers"),
            ([op("move", "/title", source="/title")], "Engineers"),
        ],
    )
    @pytest.mark.parametrize(
        "content_type", ["application/json-patch+json", "application/json"]
    )
    def test_of_a_team(
        self, client, team, leader, user, paths, operations, title, content_type
    ):
        answer = client.patch(paths["title"], operations, content_type=content_type)
        assert answer.status_int == 200
        members = (membership(leader, leads=True), membership(user))
        assert answer.json == detail(team, *members, title=title)

    @pytest.mark.parametrize(
        ("operations", "leads"),
        [
            ([PROMOTE], True),
            ([op("add", "/is_leader", value=True)], True),
            ([op("remove", "/is_leader"), op("add", "/is_leader", value=True)], True),
            ([op("test", "/is_leader", value=False), PROMOTE], True),
            ([PROMOTE, op("test", "/is_leader", value=True)], True),
            ([op("test", "/is_leader", value=False)], False),
            ([op("copy", "/is_leader", source="/is_leader")], False),
            ([op("move", "/is_leader", source="/is_leader")], False),
        ],
    )
    def test_of_a_member(self, client, team, user, paths, operations, leads):
        answer = client.patch(paths["is_leader"], operations)
        assert answer.status_int == 200
        assert answer.json == member(team, user, leads=leads)


class TestRefusedOperations:
    """After a change that would be fine: nothing of the patch may be stored."""

    @pytest.mark.parametrize(
        ("field", "change", "operation"),
        [
            *(
                ("title", RENAME, operation)
                for operation in (
                    op("replace", "/id", value=1),
                    op("replace", "/created", value="now"),
                    op("add", "/members/-", value={}),
                    op("copy", "/title", source="/id"),
                    op("add", "", value={"title": "Testers"}),
                    op("remove", "/title"),
                    op("add", "/title/0", value="x"),
                    op("rename", "/title", value="Testers"),
                )
            ),
            *(
                ("is_leader", PROMOTE, operation)
                for operation in (
                    op("replace", "/user", value={}),
                    op("replace", "/user_id", value=1),
                    op("replace", "/team_id", value=1),
                    op("copy", "/is_leader", source="/user/is_admin"),
                    op("remove", "/is_leader"),
                    op("add", "/is_leader/0", value=True),
                )
            ),
        ],
    )
    def test_malformed_operation_is_422(self, client, paths, field, change, operation):
        before = client.get(paths[field]).json
        answer = client.patch(paths[field], [change, operation])
        assert answer.status_int == 422
        assert len(answer.json["errors"]) == 1
        assert client.get(paths[field]).json == before

    @pytest.mark.parametrize("field", ["title", "is_leader"])
    @pytest.mark.parametrize("value", [None, 0, 1, "Designers ", "true", [], {}])
    def test_failing_test_is_409(self, client, paths, field, value):
        before = client.get(paths[field]).json
        change = {"title": RENAME, "is_leader": PROMOTE}[field]
        operations = [change, op("test", f"/{field}", value=value)]
        answer = client.patch(paths[field], operations)
        assert answer.status_int == 409
        assert answer.json == problem(
            409, "The test of operation 1 failed; nothing was changed."
        )
        assert client.get(paths[field]).json == before

    @pytest.mark.parametrize("field", ["title", "is_leader"])
    @pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml"])
    def test_other_media_types_are_415(self, client, paths, field, content_type):
        answer = client.patch(paths[field], body=b"[]", content_type=content_type)
        assert answer.status_int == 415
        assert answer.headers["Accept-Patch"] == (
            "application/json-patch+json, application/json"
        )
        assert answer.json == problem(415)

    @pytest.mark.parametrize("field", ["title", "is_leader"])
    def test_body_that_is_no_json_is_400(self, client, paths, field):
        body = b'[{"op": "replace"'
        answer = client.patch(
            paths[field], body=body, content_type="application/json-patch+json"
        )
        assert answer.status_int == 400


class TestUntouchedTitle:
    """That was stored before a rule was tightened."""

    @pytest.fixture(autouse=True)
    def stored(self, db, client, team):
        # No document describes what its schemas refuse.
        client.compare = lambda *args: None
        team.title = " "
        db.commit()

    def test_can_be_tested(self, client, paths):
        test = op("test", "/title", value=" ")
        assert client.patch(paths["title"], [test]).json["title"] == " "

    def test_can_be_mended(self, client, paths):
        assert client.patch(paths["title"], [RENAME]).json["title"] == "Designers"

    def test_is_validated_once_it_is_touched(self, client, paths):
        same = op("copy", "/title", source="/title")
        assert client.patch(paths["title"], [same]).status_int == 422

    def test_does_not_fail_the_change_of_a_member(self, client, paths):
        assert client.patch(paths["is_leader"], [PROMOTE]).status_int == 200
