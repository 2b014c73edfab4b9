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
from tests.paging import pages
from tests.patches import replace
from tests.users.accounts import password_test

NEW_YORK = "America/New_York"
KOLKATA = timezone(timedelta(hours=5, minutes=30))
MOMENT = datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCOPES = ("teams:read", "teams:write", "users:read", "users:write")

pytestmark = pytest.mark.skipif(SERVER is None, reason="needs TEST_DATABASE_URL")


# West of UTC, and east of it by half an hour more than whole ones.
@pytest.fixture(params=[NEW_YORK, "Asia/Kolkata"])
def zone(request, connection):
    """Moves the one session of the test, and so of the application, to a zone."""
    connection.execute(text(f"SET LOCAL TimeZone = '{request.param}'"))


@pytest.mark.usefixtures("zone")
def test_column_is_the_moment_that_was_stored(db, connection):
    team = Team(title="Engineers", created=MOMENT.astimezone(KOLKATA))
    db.add(team)
    db.flush()
    db.expire_all()
    returning = insert(Team).values(title="x", created=MOMENT).returning(Team.created)
    prepared = prepare(select(Team.created), connection.dialect, ())
    [(by_prepared,)] = prepared.execute(connection, {})
    for read in (
        *(team.created, by_prepared, db.scalar(returning)),
        *(db.scalar(select(each)) for each in (Team.created, func.max(Team.created))),
    ):
        assert (read, read.tzinfo) == (MOMENT, UTC)


@pytest.mark.usefixtures("zone")
class TestApi:
    @pytest.fixture
    def user(self, make_user):
        return make_user()

    @pytest.fixture
    def caller(self, api, user):
        return api(user, scopes=SCOPES)

    def test_says_when_something_was_created(self, caller):
        before = now()
        team = caller.post("/teams/", {"title": "Engineers"}).json
        assert team["created"].endswith("+00:00")
        assert before <= datetime.fromisoformat(team["created"]) <= now()
        assert caller.get(f"/teams/{team['id']}").json["created"] == team["created"]

    def test_filters_and_pages_by_moments(self, caller, db):
        for hour in range(5):
            created = datetime(2026, 3, 8, hour, tzinfo=UTC)
            db.add(Team(title=f"Team {hour}", created=created))
        db.flush()
        for moment in ("2026-03-08T03:00:00Z", "2026-03-08T03:00:00%2B00:00"):
            since = caller.get(f"/teams/?created_from={moment}").json
            until = caller.get(f"/teams/?created_until={moment}").json
            assert (len(since), len(until)) == (2, 3)
        found = pages(caller, "/teams/?sort=created&limit=2", "next")
        titles = [team["title"] for page in found for team in page.json]
        assert titles == [f"Team {hour}" for hour in range(5)]

    def test_tells_clients_how_long_to_wait(self, caller, user):
        wrong = [password_test("guess"), replace("first_name", "Ada")]
        answers = [caller.patch(f"/users/{user.id}", wrong) for _ in range(11)]
        assert [answer.status_int for answer in answers] == [403] * 10 + [429]
        assert 900 - 60 < int(answers[-1].headers["Retry-After"]) <= 900

    def test_has_tokens_that_live_as_long_as_they_say(
        self, app, api, make_client, user
    ):
        client = make_client(first_party=True)

        def post(path, **form):
            headers = basic(client.client_id, CLIENT_SECRET)
            path = f"/auth/oauth2/{path}"
            return api().call("POST", path, form=form, headers=headers).json

        who = {"username": user.username, "password": PASSWORD}
        tokens = post("token", grant_type="password", **who)
        lifetime = app.registry.settings["apiserver.oauth2_access_token_lifetime"]
        assert tokens["expires_in"] == lifetime
        about = post("introspect", token=tokens["access_token"])
        assert about["active"] is True
        assert about["exp"] - about["iat"] == lifetime
        assert about["iat"] <= now().timestamp() < about["exp"]
        refresh = {"refresh_token": tokens["refresh_token"]}
        renewed = post("token", grant_type="refresh_token", **refresh)
        assert renewed["expires_in"] == lifetime


class TestSession:
    """However a session comes to another zone, it is set to UTC before it is used."""

    @pytest.fixture(params=["PGTZ", "DATABASE", "ROLE", "PGOPTIONS", "options"])
    def elsewhere(self, request, make_database, monkeypatch):
        """A URL whose sessions begin in New York, where dates are German."""
        url = make_database()
        options = f"-c timezone={NEW_YORK} -c datestyle=German"
        match request.param:
            case "PGTZ":
                monkeypatch.setenv("PGTZ", NEW_YORK)
                monkeypatch.setenv("PGDATESTYLE", "German")
            case "PGOPTIONS":
                monkeypatch.setenv("PGOPTIONS", options)
            case "options":
                quoted = options.replace(" ", "%20").replace("=", "%3D")
                return f"{url}?options={quoted}"
            case kind:
                self.alter(url, kind)
        return url

    def alter(self, url, kind):
        what = f"DATABASE {url.rpartition('/')[2]}"
        if kind == "ROLE":
            what = f"ROLE CURRENT_USER IN {what}"
        writing, _ = make_engines(url)
        with writing.begin() as connection:
            connection.execute(text(f"ALTER {what} SET timezone = '{NEW_YORK}'"))
            connection.execute(text(f"ALTER {what} SET datestyle = 'German'"))
        writing.dispose()

    def test_is_one_of_utc(self, elsewhere):
        zone, day = func.current_setting("TimeZone"), text("'2026-03-08'::timestamptz")
        for engine in make_engines(elsewhere):
            # One that was undone has not undone this.
            for _ in range(2):
                with engine.connect() as connection:
                    found = connection.execute(select(zone, day)).one()
                assert found[0].upper() == "UTC"
                assert found[1] == datetime(2026, 3, 8, tzinfo=UTC)
            engine.dispose()

    def test_judges_and_purges_as_any_other(self, elsewhere, make_pure_app):
        app = make_pure_app(elsewhere)
        with Session(app.registry.engine, expire_on_commit=False) as db:
            user = factories.make_user(db)
            tokens = [
                factories.make_token(db, user, scopes=SCOPES, lifetime=lifetime)
                for lifetime in (HOUR, -HOUR)
            ]
        deleted = dict(purge(app.registry.engine, app.registry, batch=10))
        assert (deleted["oauth2_token"], deleted["oauth2_grant"]) == (1, 1)
        answers = [Client(app, token).get("/users/me") for token in tokens]
        assert [answer.status_int for answer in answers] == [200, 401]
