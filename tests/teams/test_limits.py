"""The limits of every field of teams and members, in JSON, forms and patches."""

import json

import pytest

from tests.patches import replace
from tests.problems import invalid, problem

ASTRAL = "\N{MATHEMATICAL FRAKTUR SMALL A}"
LARGEST_ID = 2**63 - 1
FORM = "application/x-www-form-urlencoded"
STRING = "Must be a string."
WHOLE = "Must be a whole number."
FLAG = "Must be true or false."
HIDDEN = "Must not hold characters that can't be seen."

TITLES = [
    ("xx", "Must be at least 3 long."),
    ("", "Must be at least 3 long."),
    (ASTRAL * 2, "Must be at least 3 long."),
    ("x" * 51, "Must be at most 50 long."),
    ("   ", "Must not be white space alone."),
    ("\u3000" * 50, "Must not be white space alone."),
    ("a\0b", "Must not hold control characters."),
    ("a\nb", "Must not hold control characters."),
    ("a\x85b", "Must not hold control characters."),
    ("\u3164" * 3, HIDDEN),
    ("Eng\u200bineers", HIDDEN),
    ("\u202eEngineers", HIDDEN),
    ("Engi\u00adneers", HIDDEN),
    ("Engineers\ufe0f", HIDDEN),
    ("\u2800" * 3, "Must not be white space alone."),
    ("\u0301" * 3, "Must not be white space alone."),
    *((value, STRING) for value in (None, 1, 1.5, True, ["abc"], {"a": "b"})),
]
IDS = [
    (0, "Must be at least 1."),
    (-1, "Must be at least 1."),
    *((value, WHOLE) for value in (None, True, "1", 1.5, [], {}, 2**64)),
]
FLAGS = [(value, FLAG) for value in (None, 0, 1, "true", "", [], {})]


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
    @pytest.mark.parametrize("character", ["x", "ü", ASTRAL])
    @pytest.mark.parametrize("length", [3, 50])
    def test_shortest_and_longest(self, client, path, character, length):
        title = character * length
        assert client.post("/teams/", {"title": title}).json["title"] == title
        assert client.post("/teams/", form={"title": title}).json["title"] == title
        answer = client.patch(path, [replace("title", title)])
        assert (answer.status_int, answer.json["title"]) == (200, title)

    @pytest.mark.parametrize(("title", "description"), TITLES)
    def test_wrong_one(self, client, path, title, description):
        before = client.get(path).json
        for answer in (
            client.post("/teams/", {"title": title}),
            client.patch(path, [replace("title", title)]),
        ):
            assert answer.status_int == 422
            assert answer.json == invalid(title=description)
        assert client.get(path).json == before
        assert client.get("/teams/").headers["X-Total-Count"] == "1"

    def test_is_required(self, client, path):
        required = invalid(title="Is required.")
        assert client.post("/teams/", {}).json == required
        assert client.post("/teams/", form={}).json == required
        assert client.patch(path, [{"op": "remove", "path": "/title"}]).json == required

    def test_may_be_long_while_a_patch_is_applied(self, client, path):
        """Up to 64 KiB as JSON; what comes of it must fit."""
        longest = "x" * (64 * 1024 - len('{"title":""}'))
        short = replace("title", "Pilots")
        answer = client.patch(path, [replace("title", longest), short])
        assert (answer.status_int, answer.json["title"]) == (200, "Pilots")
        answer = client.patch(path, [short, replace("title", longest + "x"), short])
        assert answer.json == invalid(**{"1": "Makes the document too large."})

    def test_lone_surrogate_is_no_text(self, client, path):
        body = json.dumps({"title": "abc\ud800"}).encode()
        answer = client.post("/teams/", body=body, content_type="application/json")
        assert answer.status_int == 400
        answer = client.post("/teams/", body=b"title=a%ED%A0%80", content_type=FORM)
        assert answer.status_int == 400

    @pytest.mark.parametrize("field", ["id", "members", "created", "is_leader"])
    def test_nothing_else_can_be_chosen(self, client, field):
        answer = client.post("/teams/", {"title": "Engineers", field: 1})
        assert answer.json == invalid(**{field: "There is no such field."})


class TestMember:
    @pytest.mark.parametrize(("value", "description"), IDS)
    def test_wrong_user(self, client, path, value, description):
        answer = client.post(f"{path}/members/", {"user_id": value})
        assert answer.status_int == 422
        assert answer.json == invalid(user_id=description)

    @pytest.mark.parametrize(("value", "status"), [(LARGEST_ID, 404), (2**63, 422)])
    def test_largest_id(self, client, path, value, status):
        answer = client.post(f"{path}/members/", {"user_id": value})
        assert answer.status_int == status

    @pytest.mark.parametrize(
        "text", ["", "x", "1.5", " 1", "1_0", "\u0661", "9" * 4001]
    )
    def test_wrong_user_of_a_form(self, client, path, text):
        answer = client.post(f"{path}/members/", form={"user_id": text})
        assert answer.status_int == 422
        assert answer.json == invalid(user_id=WHOLE)

    @pytest.mark.parametrize("number", [LARGEST_ID + 1, 10**4000 - 1])
    def test_too_large_a_user_of_a_form(self, client, path, number):
        answer = client.post(f"{path}/members/", form={"user_id": str(number)})
        assert answer.status_int == 422
        assert answer.json == invalid(user_id=f"Must be at most {LARGEST_ID}.")

    @pytest.mark.parametrize(("value", "description"), FLAGS)
    def test_wrong_flag(self, client, path, leader, value, description):
        own = f"{path}/members/{leader.id}"
        for answer in (
            client.post(f"{path}/members/", {"user_id": 1, "is_leader": value}),
            client.patch(own, [replace("is_leader", value)]),
        ):
            assert answer.status_int == 422
            assert answer.json == invalid(is_leader=description)

    @pytest.mark.parametrize("text", ["", "1", "yes", "TRUE", "on"])
    def test_wrong_flag_of_a_form(self, client, path, text):
        form = {"user_id": "1", "is_leader": text}
        answer = client.post(f"{path}/members/", form=form)
        assert answer.json == invalid(is_leader=FLAG)

    def test_user_is_required_and_nothing_else_is_known(self, client, path):
        answer = client.post(f"{path}/members/", {"team_id": 1})
        assert answer.json == invalid(
            user_id="Is required.", team_id="There is no such field."
        )


class TestBodies:
    @pytest.mark.parametrize("collection", ["/teams/", "{team}/members/"])
    @pytest.mark.parametrize("content_type", [None, "text/plain"])
    def test_other_media_types_are_415(self, client, path, collection, content_type):
        answer = client.post(
            collection.format(team=path), body=b"{}", content_type=content_type
        )
        assert answer.status_int == 415
        assert answer.headers["Accept-Post"] == (
            f"application/json, {FORM}, multipart/form-data"
        )
        assert answer.json == problem(415)

    @pytest.mark.parametrize("collection", ["/teams/", "{team}/members/"])
    @pytest.mark.parametrize("body", [None, [], "x", 1])
    def test_json_is_an_object(self, client, path, collection, body):
        answer = client.post(collection.format(team=path), body)
        assert answer.json == invalid(**{"": "Must be an object."})

    @pytest.mark.parametrize(("levels", "status"), [(32, 422), (33, 400)])
    def test_json_has_32_levels(self, client, levels, status):
        value = []
        for _ in range(levels - 2):
            value = [value]
        answer = client.post("/teams/", {"title": value})
        assert answer.status_int == status
        sentences = {422: STRING, 400: "The body is nested more than 32 levels deep."}
        assert sentences[status] in answer.text

    @pytest.mark.parametrize(("count", "status"), [(1000, 422), (1001, 400)])
    def test_json_has_1000_members(self, client, count, status):
        # The title is a member, too.
        answer = client.post("/teams/", {"title": [0] * (count - 1)})
        assert answer.status_int == status
