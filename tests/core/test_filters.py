"""Filters of lists: which rows they leave, together and from page to page."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from apiserver.teams.models import Team
from tests.paging import pages, relations
from tests.problems import invalid

CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLES = ["Engineers", "Designers", "100% sure", "a_b", "a/b", "Engine room"]


@pytest.fixture
def client(api, make_user):
    return api(make_user())


@pytest.fixture
def teams(db, make_team):
    """Six teams, each made a day after the one before."""
    for day, title in enumerate(TITLES):
        db.get(Team, make_team(title).id).created = CREATED + timedelta(days=day)
    db.commit()


def titles(response):
    assert response.status_int == 200, response
    return [team["title"] for team in response.json]


class TestContains:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("engine", ["Engineers", "Engine room"]),
            ("ENGINE", ["Engineers", "Engine room"]),
            ("ers", ["Engineers", "Designers"]),
            ("%", ["100% sure"]),
            ("_", ["a_b"]),
            ("/", ["a/b"]),
            ("", TITLES),
            ("'; DROP TABLE team; --", []),
        ],
    )
    def test_looks_for_the_text_itself(self, client, teams, text, found):
        response = client.get("/teams/?" + urlencode({"title": text}))
        assert titles(response) == found
        assert response.headers["X-Total-Count"] == str(len(found))

    @pytest.mark.parametrize(
        ("text", "description"),
        [
            ("x" * 51, "Must be at most 50 characters long."),
            ("a\tb", "Must not contain control characters."),
        ],
    )
    def test_takes_what_the_column_can_hold(self, client, text, description):
        response = client.get("/teams/?" + urlencode({"title": text}))
        assert response.status_int == 422
        assert response.json == invalid("querystring", title=description)


class TestMoments:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"created_from": "2026-03-05T12:00:00Z"}, TITLES[4:]),
            ({"created_until": "2026-03-03T12:00:00Z"}, TITLES[:2]),
            ({"created_until": "2026-03-03T12:00:00.000001Z"}, TITLES[:3]),
            ({"created_from": "2026-03-05T14:00:00+02:00"}, TITLES[4:]),
            ({"created_from": "2026-03-05t12:00:00z"}, TITLES[4:]),
            (
                {
                    "created_from": "2026-03-02T00:00:00Z",
                    "created_until": "2026-03-05T00:00:00Z",
                },
                TITLES[1:4],
            ),
        ],
    )
    def test_are_bounds(self, client, teams, query, found):
        assert titles(client.get("/teams/?" + urlencode(query))) == found

    @pytest.mark.parametrize(
        "text",
        [
            *("", "2026-03-01", "2026-03-01T12:00:00+00", "2026-03-01T12:00:00+000"),
            *("2026-03-01 12:00:00Z", "2026-02-30T12:00:00Z"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
            *("20260301T120000Z", "2026-W09-7T12:00:00Z"),
            *("now", "\u0662026-03-01T12:00:00Z"),
        ],
    )
    def test_are_dates_with_times_and_offsets(self, client, text):
        response = client.get("/teams/?" + urlencode({"created_from": text}))
        assert response.status_int == 422
        description = "Must be a datetime, such as 2026-03-01T12:00:00Z."
        assert response.json == invalid("querystring", created_from=description)

    @pytest.mark.parametrize(
        "text",
        [
            *("2026-03-05T12:00:00+0000", "2026-03-05T12:00:00-0000"),
            *("2026-03-05T13:30:00+0130", "2026-03-05T12:00:00.000000000+0000"),
        ],
    )
    def test_are_what_generated_clients_send(self, client, teams, text):
        query = {"created_from": text, "created_until": "2026-03-06T00:00:00Z"}
        assert titles(client.get("/teams/?" + urlencode(query))) == TITLES[4:5]

    @pytest.mark.parametrize(
        "text", ["2026-03-01T12:00:00", "2026-03-01t12:00:00.123456"]
    )
    def test_need_an_offset(self, client, text):
        response = client.get("/teams/?" + urlencode({"created_from": text}))
        assert response.status_int == 422
        description = "Must have a UTC offset, such as 2026-03-01T12:00:00Z."
        assert response.json == invalid("querystring", created_from=description)

    @pytest.mark.parametrize("offset", ["+00:00", "+0130"])
    def test_have_a_plus_that_is_escaped(self, client, offset):
        text = f"2026-03-01T12:00:00{offset}"
        response = client.get(f"/teams/?created_from={text}")
        assert response.status_int == 422
        description = (
            "Must be a datetime, such as 2026-03-01T12:00:00Z; in URLs, write + as %2B."
        )
        assert response.json == invalid("querystring", created_from=description)


class TestEquals:
    @pytest.fixture
    def admin(self, make_user):
        return make_user("admin")

    def test_leaves_rows_with_the_value(self, api, admin, make_user):
        make_user(is_active=False, username="gone")
        response = api(admin).get("/users/?is_active=false")
        assert [user["username"] for user in response.json] == ["gone"]
        assert len(api(admin).get("/users/?is_active=true").json) == 1


class TestTogether:
    def test_hold_from_page_to_page(self, client, teams):
        query = {"title": "e", "created_from": "2026-03-02T00:00:00Z", "limit": 1}
        there = pages(
            client, "/teams/?" + urlencode({**query, "sort": "-title"}), "next"
        )
        found = [title for page in there for title in titles(page)]
        assert found == ["Engine room", "Designers", "100% sure"]

    def test_are_kept_by_the_links_as_they_were_given(self, client, teams):
        query = urlencode({"title": "é&=%/", "created_from": "2026-03-05t12:00:00z"})
        response = client.get(f"/teams/?{query}")
        first = f"/api/v1/teams/?limit=20&offset=0&{query}"
        assert relations(response) == {"first": first, "last": first}

    def test_are_separated_by_ampersands_alone(self, client, teams):
        response = client.get("/teams/?title=a;title=b&color=red;size=1")
        assert response.status_int == 422
        assert response.json == invalid("querystring", color="Unknown field.")

    @pytest.mark.parametrize("count", ["exact", "estimated"])
    def test_are_counted(self, client, teams, count):
        prefer = {"Prefer": f"count={count}"}
        query = {"title": "engine", "limit": 1, "offset": 9}
        response = client.get("/teams/?" + urlencode(query), headers=prefer)
        assert response.json == []
        assert response.headers["X-Total-Count"] == "2"
