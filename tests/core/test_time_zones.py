"""Sessions of PostgreSQL in another time zone than UTC: every time is right there."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines, now
from apiserver.core.db.prepared import prepare
from apiserver.core.expiry import purge
from apiserver.teams.models import Team
from tests import factories
from tests.client import Client
from tests.conformance.server import basic
from tests.conftest import SERVER
from tests.factories import CLIENT_SECRET, PASSWORD
from tests.paging import follow, relations
from tests.patches import replace
from tests.users.accounts import password_test

# West of UTC, east of it by half an hour more than whole ones, and UTC itself.
ZONES = ["America/New_York", "Asia/Kolkata", "UTC"]
KOLKATA = timezone(timedelta(hours=5, minutes=30))
MOMENT = datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)

pytestmark = pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")


@pytest.fixture(params=ZONES)
def zone(request, connection):
    """Moves the one session of the test, and so of the application, to a zone."""
    connection.execute(text(f"SET LOCAL TimeZone = '{request.param}'"))
    return request.param


def add_teams(db, hours):
    """Add a team of each of these hours, in UTC."""
    for hour in hours:
        created = datetime(2026, 3, 8, hour, tzinfo=UTC)
        db.add(Team(title=f"Team {hour}", created=created))
    db.flush()


@pytest.mark.usefixtures("zone")
class TestColumn:
    """In another zone each value is the moment that was stored."""

    @pytest.fixture(autouse=True)
    def team(self, db):
        team = Team(title="Engineers", created=MOMENT.astimezone(KOLKATA))
        db.add(team)
        db.flush()
        db.expire_all()
        return team

    @pytest.mark.parametrize("expression", [Team.created, func.max(Team.created)])
    def test_is_read_in_utc(self, db, expression):
        read = db.scalar(select(expression))
        assert (read, read.tzinfo) == (MOMENT, UTC)

    def test_is_read_in_utc_by_prepared_statements(self, connection):
        statement = prepare(select(Team.created), connection.dialect, ())
        [(read,)] = statement.execute(connection, {})
        assert (read, read.tzinfo) == (MOMENT, UTC)

    def test_is_read_in_utc_by_the_orm(self, team):
        assert (team.created, team.created.tzinfo) == (MOMENT, UTC)

    def test_is_what_an_insert_returns(self, db):
        statement = insert(Team).values(title="x", created=MOMENT)
        assert db.scalar(statement.returning(Team.created)) == MOMENT


@pytest.mark.usefixtures("zone")
class TestApi:
    SCOPES = ("teams:read", "teams:write", "users:read", "users:write")

    @pytest.fixture
    def user(self, make_user):
        return make_user()

    @pytest.fixture
    def caller(self, api, user):
        return api(user, scopes=self.SCOPES)

    def test_says_when_something_was_created(self, caller):
        before = now()
        team = caller.post("/teams/", {"title": "Engineers"}).json
        assert team["created"].endswith("+00:00")
        assert before <= datetime.fromisoformat(team["created"]) <= now()
        assert caller.get(f"/teams/{team['id']}").json["created"] == team["created"]

    @pytest.mark.parametrize("offset", ["Z", "+00:00"])
    def test_filters_by_moments(self, caller, db, offset):
        add_teams(db, range(6, 9))
        moment = f"2026-03-08T07:00:00{offset}".replace("+", "%2B")
        for name, titles in (
            ("created_from", ["Team 7", "Team 8"]),
            ("created_until", ["Team 6"]),
        ):
            found = caller.get(f"/teams/?{name}={moment}").json
            assert [team["title"] for team in found] == titles

    def test_pages_by_moments(self, caller, db):
        add_teams(db, range(5))
        pages = [caller.get("/teams/?sort=created&limit=2")]
        while "next" in relations(pages[-1]):
            pages.append(caller.call("GET", follow(pages[-1], "next")))
        titles = [team["title"] for page in pages for team in page.json]
        assert titles == [f"Team {hour}" for hour in range(5)]

    def test_tells_clients_how_long_to_wait(self, caller, user):
        wrong = [password_test("guess"), replace("first_name", "Ada")]
        answers = [caller.patch(f"/users/{user.id}", wrong) for _ in range(11)]
        assert [answer.status_int for answer in answers] == [403] * 10 + [429]
        assert 900 - 60 < int(answers[-1].headers["Retry-After"]) <= 900


@pytest.mark.usefixtures("zone")
class TestTokens:
    @pytest.fixture
    def client(self, make_client):
        return make_client(first_party=True)

    @pytest.fixture
    def post(self, api, client):
        headers = basic(client.client_id, CLIENT_SECRET)
        path = "/auth/oauth2/{}".format
        return lambda to, **form: api().call(
            "POST", path(to), form=form, headers=headers
        )

    @pytest.fixture
    def tokens(self, post, make_user):
        user = {"username": make_user().username, "password": PASSWORD}
        return post("token", grant_type="password", **user).json

    def test_live_as_long_as_they_say(self, app, post, tokens):
        lifetime = app.registry.settings["apiserver.oauth2_access_token_lifetime"]
        assert tokens["expires_in"] == lifetime
        about = post("introspect", token=tokens["access_token"]).json
        assert about["active"] is True
        assert about["exp"] - about["iat"] == lifetime
        assert about["iat"] <= now().timestamp() < about["exp"]

    def test_are_refreshed_for_as_long(self, post, tokens):
        refresh = {"grant_type": "refresh_token"}
        renewed = post("token", **refresh, refresh_token=tokens["refresh_token"]).json
        assert renewed["expires_in"] == tokens["expires_in"]

    def test_end_when_they_expire(self, api, db, make_user):
        second = timedelta(seconds=1)
        scopes = ("users:read",)
        answers = []
        for lifetime in (60 * second, -second):
            user = make_user()
            token = factories.make_token(db, user, scopes=scopes, lifetime=lifetime)
            caller = api()
            headers = {"Authorization": f"Bearer {token}"}
            answers.append(caller.get("/users/me", headers=headers).status_int)
        assert answers == [200, 401]


class TestSession:
    """However a session comes to another zone, it is set to UTC before it is used."""

    @pytest.fixture
    def url(self, make_database):
        return make_database()

    @pytest.fixture(params=["PGTZ", "DATABASE", "ROLE", "PGOPTIONS", "options"])
    def elsewhere(self, request, url, monkeypatch):
        """A URL whose sessions begin in New York, where dates are German."""
        database = url.rpartition("/")[2]
        zone = "America/New_York"
        match request.param:
            case "PGTZ":
                monkeypatch.setenv("PGTZ", zone)
                monkeypatch.setenv("PGDATESTYLE", "German")
            case "PGOPTIONS":
                options = f"-c timezone={zone} -c datestyle=German"
                monkeypatch.setenv("PGOPTIONS", options)
            case "options":
                return f"{url}?options=-c%20timezone%3D{zone}%20-c%20datestyle%3DGerman"
            case kind:
                self.alter(url, kind, database, zone)
        return url

    def alter(self, url, kind, database, zone):
        what = f"DATABASE {database}"
        if kind == "ROLE":
            what = f"ROLE CURRENT_USER IN {what}"
        writing, _ = make_engines(url)
        with writing.begin() as connection:
            connection.execute(text(f"ALTER {what} SET timezone = '{zone}'"))
            connection.execute(text(f"ALTER {what} SET datestyle = 'German'"))
        writing.dispose()

    def test_is_one_of_utc(self, elsewhere):
        for engine in make_engines(elsewhere):
            # One that was undone has not undone this.
            for _ in range(2):
                with engine.connect() as connection:
                    settings = select(
                        func.current_setting("TimeZone"),
                        text("'2026-03-08'::timestamptz"),
                    )
                    zone, day = connection.execute(settings).one()
                    assert zone.upper() == "UTC"
                    assert day == datetime(2026, 3, 8, tzinfo=UTC)
            engine.dispose()

    def test_judges_and_purges_as_any_other(self, elsewhere, make_pure_app):
        app = make_pure_app(elsewhere)
        engine = app.registry.engine
        hour = timedelta(hours=1)
        with Session(engine, expire_on_commit=False) as db:
            user = factories.make_user(db)
            tokens = [
                factories.make_token(
                    db, user, scopes=("users:read",), lifetime=lifetime
                )
                for lifetime in (hour, -hour)
            ]
        deleted = dict(purge(engine, app.registry, batch=10))
        assert (deleted["oauth2_token"], deleted["oauth2_grant"]) == (1, 1)
        answers = [Client(app, token).get("/users/me") for token in tokens]
        assert [answer.status_int for answer in answers] == [200, 401]
