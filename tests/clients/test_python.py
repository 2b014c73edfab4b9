"""The client in Python, in front of a served process."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.clients.workshop import GENERATOR, VERSION, error_of
from tests.tools import needs

pytestmark = needs(GENERATOR)


class TestOperations:
    def test_list_has_the_total(self, sdk, client):
        page = sdk.UsersApi(client).list_users_with_http_info(limit=2)
        assert [user.username for user in page.data] == ["root", "user"]
        assert int(page.headers["x-total-count"]) >= 4

    def test_create_and_delete(self, sdk, client):
        teams = sdk.TeamsApi(client)
        team = teams.create_team(sdk.TeamCreate(title="Engineers"))
        assert team.title == "Engineers"
        assert [member.user.username for member in team.members] == ["root"]
        assert datetime.now(UTC) - team.created < timedelta(minutes=10)
        assert teams.get_team(team.id) == team
        assert teams.delete_team(team.id) is None
        error = error_of(sdk, teams.get_team, team.id)
        assert isinstance(error, sdk.exceptions.NotFoundException)
        assert error.data.detail == "There is no such object."

    @pytest.mark.parametrize("hours", [0, 5.5, -3])
    def test_datetimes_of_any_zone_find_what_they_were_read_from(
        self, sdk, client, team, hours
    ):
        created = team.created.astimezone(timezone(timedelta(hours=hours)))
        found = sdk.TeamsApi(client).list_teams(
            created_from=created, created_until=created + timedelta(microseconds=1)
        )
        assert [each.id for each in found] == [team.id]

    def test_administrator_creates_a_user_without_a_captcha(self, sdk, client):
        user = sdk.UserCreate(
            username="ada", email="ada@example.com", password="difference-engine-2"
        )
        made = sdk.UsersApi(client).create_user(user)
        assert (made.username, made.is_admin, made.first_name) == ("ada", False, "")

    def test_null_is_none(self, sdk, client):
        form = sdk.UsersApi(client).get_signup_form()
        assert (form.recaptcha_server_key, form.captcha) == (None, "static")

    def test_versions_are_compared(self, sdk, client, team):
        teams = sdk.TeamsApi(client)
        answer = teams.get_team_with_http_info(team.id)
        etag = answer.headers["ETag"]
        rename = [sdk.TeamPatchOperation(op="replace", path="/title", value="Others")]
        teams.patch_team(team.id, rename, if_match=etag)
        with pytest.raises(sdk.ApiException) as caught:
            teams.patch_team(team.id, rename, if_match=etag)
        assert caught.value.status == 412

    def test_options_say_what_one_may_do(self, sdk, client, team):
        options = sdk.TeamsApi(client).options_team_with_http_info(team.id)
        assert options.headers["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"

    def test_name_the_client_to_the_server(self, client):
        agent = client.default_headers["User-Agent"]
        assert agent == f"apiserver-client/{VERSION}/python"


class TestPatch:
    def rename(self, sdk, client, team, **value):
        operation = sdk.TeamPatchOperation(op="replace", path="/title", **value)
        return sdk.TeamsApi(client).patch_team(team.id, [operation])

    def test_takes_text(self, sdk, client, team):
        assert self.rename(sdk, client, team, value="Analysts").title == "Analysts"

    @pytest.mark.parametrize("value", [5, 2.5, True, None, ["a"], {"a": 1}])
    def test_sends_any_value(self, sdk, client, team, value):
        """The server says of each that it is no text, not that there is none."""
        error = error_of(sdk, lambda: self.rename(sdk, client, team, value=value))
        assert (error.status, error.data.errors[0].description) == (
            422,
            "Must be a string.",
        )

    def test_sends_no_value(self, sdk, client, team):
        error = error_of(sdk, lambda: self.rename(sdk, client, team))
        assert (
            error.data.errors[0].description
            == "The replace operation requires a value."
        )

    def test_takes_truth(self, sdk, client, team):
        teams = sdk.TeamsApi(client)
        teams.add_team_member(team.id, sdk.MemberAdd(user_id=2))
        patch = [sdk.MemberPatchOperation(op="replace", path="/is_leader", value=True)]
        assert teams.patch_team_member(team.id, 2, patch).is_leader is True

    def test_takes_lists(self, sdk, client):
        auth = sdk.AuthApi(client)
        made = auth.create_oauth2_client(
            sdk.OAuth2ClientCreate(redirect_uris=["https://example.com/a"])
        )
        uris = ["https://example.com/b", "https://example.com/c"]
        patch = sdk.OAuth2ClientPatchOperation(
            op="replace", path="/redirect_uris", value=uris
        )
        changed = auth.patch_oauth2_client(made.client_id, [patch])
        assert (made.token_endpoint_auth_method, changed.redirect_uris) == (None, uris)

    def test_moves_from_a_field_to_another(self, sdk, client):
        first = {"op": "test", "path": "/current_password", "value": "q"}
        copy = {"op": "copy", "from_": "/middle_name", "path": "/first_name"}
        patch = [sdk.UserPatchOperation(**each) for each in (first, copy)]
        assert sdk.UsersApi(client).patch_user(1, patch).first_name == ""


class TestErrors:
    def test_of_a_field_name_it(self, sdk, client, team):
        user = sdk.UserCreate(
            username="bob", email="bob@example.com", password="passwordpassword"
        )
        error = error_of(sdk, sdk.UsersApi(client).create_user, user)
        assert isinstance(error, sdk.exceptions.UnprocessableEntityException)
        assert isinstance(error.data, sdk.Problem)
        (blamed,) = error.data.errors
        assert (blamed.location, blamed.name) == ("body", "password")

    def test_of_permission_say_who_may(self, sdk, session):
        session.sign_in("user", "w")
        client = sdk.ApiClient(session.configuration())
        error = error_of(sdk, sdk.UsersApi(client).list_users)
        assert isinstance(error, sdk.exceptions.ForbiddenException)
        assert error.data.detail == "Only administrators may do this."

    def test_of_the_token_are_unauthorized(self, sdk, server):
        own = sdk.Configuration(host=f"{server}/api/v1", access_token="apa_wrong")
        error = error_of(sdk, sdk.UsersApi(sdk.ApiClient(own)).get_me)
        assert isinstance(error, sdk.exceptions.UnauthorizedException)
        assert error.headers["www-authenticate"].startswith("Bearer")
