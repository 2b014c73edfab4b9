"""Lists in an order that the client asks for: every row once, however it pages."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import String, column, select

from apiserver.core.lists import Listing, contains
from apiserver.core.lists.orders import encode
from apiserver.core.lists.sorting import most_columns
from apiserver.core.schemas.fields import LARGEST_INTEGER
from apiserver.teams.models import Team
from apiserver.users.models import User
from tests.paging import pages, relations
from tests.problems import invalid

# Some have a title that others have, too.
TITLES = ["bird", "ant", "cat", "ant", "bird", "cat", "ant"]
CREATED = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def client(api, make_user):
    return api(make_user())


@pytest.fixture
def teams(db, make_team):
    """Seven teams; the later one was made, the earlier it says that it was created."""
    made = []
    for age, title in enumerate(TITLES):
        team = db.get(Team, make_team(title).id)
        team.created = CREATED - timedelta(days=age)
        made.append(team)
    db.commit()
    return [{"id": team.id, "title": team.title} for team in made]


def by_title(team):
    return team["title"], team["id"]


ORDERS = {
    "id": lambda teams: teams,
    "-id": lambda teams: teams[::-1],
    "title": lambda teams: sorted(teams, key=by_title),
    "-title": lambda teams: sorted(teams, key=by_title)[::-1],
    "created": lambda teams: teams[::-1],
    "-created": lambda teams: teams,
}


@pytest.mark.parametrize("sort", ORDERS)
class TestOrder:
    def test_is_as_asked_for(self, client, teams, sort):
        response = client.get(f"/teams/?sort={sort}")
        assert response.json == ORDERS[sort](teams)
        assert response.headers["X-Total-Count"] == "7"

    def test_holds_from_page_to_page_and_back(self, client, teams, sort):
        expected = ORDERS[sort](teams)
        ways = [*pages(client, f"/teams/?limit=2&sort={sort}", "next")]
        assert [team for page in ways for team in page.json] == expected
        start = relations(ways[-1])["prev"].removeprefix(client.prefix)
        found = [page.json for page in pages(client, start, "prev")]
        assert found == [expected[4:6], expected[2:4], expected[:2]]


class TestSort:
    @pytest.mark.parametrize(
        "sort", ["name", "Title", "title,", "title id", "+title", "--id", ""]
    )
    def test_by_anything_else_is_refused(self, client, sort):
        response = client.get("/teams/?" + urlencode({"sort": sort}))
        assert response.status_int == 422
        choices = "id, -id, title, -title, created, -created"
        description = f"Must be one of {choices}, or several with commas."
        expected = invalid("querystring", sort=description)
        assert response.json == expected

    def test_is_for_lists_that_declare_it(self, client, teams):
        response = client.get(f"/teams/{teams[0]['id']}/members/?sort=id")
        assert response.status_int in {403, 422}

    def test_has_cursors_of_its_own(self, client, teams):
        response = client.get("/teams/?limit=2&sort=title")
        target = relations(response)["next"].replace("sort=title", "sort=-title")
        refused = client.call("GET", target)
        assert refused.status_int == 422
        description = "Is not a cursor of this list."
        assert refused.json == invalid("querystring", after=description)

    @pytest.mark.parametrize(
        "place",
        [
            ["ant"],
            [1, 1],
            ["ant", 1.0],
            ["a\0b", 1],
            ["ant", 0],
            [None, 1],
            ["x" * 51, 1],
        ],
    )
    def test_takes_a_place_that_a_row_may_have(self, client, teams, place):
        cursor = encode("team.title,team.id", place)
        response = client.get(f"/teams/?sort=title&after={cursor}")
        assert response.status_int == 422

    @pytest.mark.parametrize(
        "text",
        [
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-03-01T12:00:00+0000",
            "9999-12-31T23:59:59-01:00",
            "",
        ],
    )
    def test_takes_moments_of_the_calendar(self, client, teams, text):
        cursor = encode("team.created,team.id", [text, 1])
        response = client.get(f"/teams/?sort=created&after={cursor}")
        assert response.status_int == 422

    def test_long_texts_have_cursors(self, api, make_user):
        admin = make_user("admin")
        for letter in "ab":
            # Of the letters that become longest where names are compared.
            make_user(username=letter + "\ufdfa" * 20)
        found = list(pages(api(admin), "/users/?limit=1&sort=username", "next"))
        assert [page.json[0]["username"][0] for page in found] == ["a", "b", "u"]


class TestDeclaration:
    @pytest.mark.parametrize("name", ["limit", "after", "sort"])
    def test_takes_no_filter_of_a_name_that_lists_have(self, name):
        filters = {name: contains(User.username)}
        with pytest.raises(TypeError, match=f"can't be named {name}"):
            Listing(select(User.id), by=User.id, filters=filters)

    def test_takes_texts_of_a_length(self):
        endless = column("word", String())
        endless.nullable = False
        with pytest.raises(TypeError, match="can't filter or sort by its type"):
            Listing(select(User.id), by=User.id, sort={"word": endless})

    def test_takes_so_many_columns_that_cursors_fit_into_urls(self):
        """Of whatever characters their values are."""
        texts = {name: text_column(name, 200) for name in "abcd"}
        listing = Listing(select(User.id), by=User.id, sort=texts)
        assert most_columns(listing.columns) == 3
        place = [*["\U0001f4c4" * 200] * 3, LARGEST_INTEGER]
        order = listing.order(("a", "-b", "c"))
        cursor = order.encode(place)
        assert 4000 > len(cursor) > 3000
        assert [*order.place(cursor).values()] == place
        with pytest.raises(TypeError, match="too long to sort by"):
            Listing(
                select(User.id), by=User.id, sort={"word": text_column("word", 800)}
            )


def text_column(name, length):
    found = column(name, String(length))
    found.nullable = False
    return found
