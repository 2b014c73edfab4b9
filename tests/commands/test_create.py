"""Accounts and OAuth2 clients, created by the operator: by command, and by task."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from apiserver.auth.models import OAuth2Client
from apiserver.users.hashing import password_matches
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.events import event, stored_events
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("pure")

INI = ("-i", "testing.ini")
ANSWER = f"{PASSWORD}\n"
EMAIL = "ada@example.com"


@dataclass
class Operator:
    """Who creates things by one of the doors, of the options that both have."""

    door: Any
    user: str
    client: str
    owner: str
    flags: dict[str, str]

    def create_user(self, username="Ada", email=EMAIL, *more, answer=ANSWER):
        about = ("--username", username, "--email", email)
        more = [self.flags.get(each, each) for each in more]
        return self.door(self.user, *INI, *about, *more, answer=answer)

    def create_client(self, *more, owner="Ada"):
        return self.door(self.client, *INI, self.owner, owner, *more)


# The task runs the command: what that refuses is tried by it alone.
by_command = pytest.mark.parametrize("operator", ["apiserver"], indirect=True)


@pytest.fixture(params=["apiserver", "invoke"])
def operator(request):
    if request.param == "apiserver":
        door = request.getfixturevalue("command")
        return Operator(door, "create-user", "create-client", "--owner", {})
    flags = {
        "--admin": "--is-admin",
        "--internal": "--is-internal",
        "--read-only": "--no-is-regular-user",
    }
    door = request.getfixturevalue("invoke")
    users = ("app.users.create-user", "app.users.create-oauth2-client")
    return Operator(door, *users, "--username", flags)


class TestCreateUser:
    @pytest.mark.parametrize(
        ("options", "roles"),
        [
            ((), (True, False, False, True)),
            (("--admin",), (True, True, False, True)),
            (("--internal", "--read-only"), (True, False, True, False)),
        ],
    )
    def test_makes_an_account_of_any_kind(self, operator, db, options, roles):
        status, printed, error = operator.create_user("Ada", EMAIL, *options)
        user = db.scalars(select(User)).one()
        assert (status, printed, error) == (0, f"User Ada has the id {user.id}.\n", "")
        assert (user.username, user.email) == ("Ada", EMAIL)
        made = (user.is_active, user.is_admin, user.is_internal, user.is_regular_user)
        assert made == roles
        assert password_matches(user.password_digest, PASSWORD)
        target = f"user:{user.id}"
        assert stored_events(db) == [event("user_created", target=target)]

    @by_command
    def test_reads_one_line(self, operator, db):
        assert operator.create_user(answer=f"{PASSWORD}\r\nnext\n")[0] == 0
        user = db.scalars(select(User)).one()
        assert password_matches(user.password_digest, PASSWORD)

    @by_command
    @pytest.mark.parametrize(
        ("username", "email", "sentences"),
        [
            ("", EMAIL, ["--username '': Must be at least 1 character long."]),
            (
                "A\tda",
                EMAIL,
                [r"--username 'A\tda': Must not contain control characters."],
            ),
            (
                "a" * 81,
                EMAIL,
                [f"--username '{'a' * 79}…': Must be at most 80 characters long."],
            ),
            (
                " ",
                "nonsense",
                [
                    "--username ' ': Must not be only whitespace.",
                    "--email nonsense: Must be an email address.",
                ],
            ),
        ],
    )
    def test_refuses_what_the_api_does(
        self, operator, rows, username, email, sentences
    ):
        status, printed, error = operator.create_user(username, email)
        assert (status, printed, error.splitlines()) == (1, "", sentences)
        assert rows() == {}

    @by_command
    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            ("", "No password: type one, or pipe it in."),
            ("\n", "password: Must be at least 12 characters long."),
            (
                "password1234\n",
                "password: Is too easy to guess; use several unrelated words.",
            ),
            (
                f"my address is {EMAIL}\n",
                "password: Must not contain your username, names or email address.",
            ),
        ],
    )
    def test_refuses_a_password_that_the_api_does(
        self, operator, rows, answer, sentence
    ):
        assert operator.create_user(answer=answer) == (1, "", f"{sentence}\n")
        assert rows() == {}

    @pytest.mark.parametrize(
        ("taken", "sentence"),
        [
            (
                {"username": "ADA"},
                "--username Ada: This username, or one that looks like it, is already "
                "taken.",
            ),
            (
                {"email": EMAIL.upper()},
                f"--email {EMAIL}: A user with this email address already exists.",
            ),
        ],
    )
    def test_refuses_what_is_taken(self, operator, db, rows, taken, sentence):
        factories.make_user(db, **taken)
        db.close()
        assert operator.create_user() == (1, "", f"{sentence}\n")
        assert rows() == {"user": 1}

    def test_that_was_refused_can_be_patched_all_the_same(
        self, operator, db, app, rows
    ):
        """What was made by a door that did not validate, before it did."""
        user = factories.make_user(db, username="", email="nonsense")
        token = factories.make_token(db, user, scopes=["users:write"])
        client = Client(app, token)
        client.compare = lambda *args: None
        confirmed = {"op": "test", "path": "/current_password", "value": PASSWORD}
        change = {"op": "replace", "path": "/first_name", "value": "Ada"}
        db.close()
        answer = client.patch(f"/users/{user.id}", [confirmed, change])
        assert (answer.status_int, answer.json["first_name"]) == (200, "Ada")


class TestOptionsOfUsers:
    def test_of_the_command_are_required(self, command, rows):
        done = command("create-user", *INI, answer=ANSWER)
        sentences = "--username: Is required.\n--email: Is required.\n"
        assert done == (1, "", sentences)
        assert rows() == {}

    def test_of_the_command_are_given_once(self, command, rows):
        twice = ("--username=Ada", "--username=Grace", f"--email={EMAIL}")
        done = command("create-user", *INI, *twice, answer=ANSWER)
        assert done == (1, "", "--username: Is given more than once.\n")
        assert rows() == {}

    def test_of_the_task_make_nobody_an_administrator_by_an_ini_file(self, invoke, db):
        about = ("--username=local.ini", f"--email={EMAIL}")
        task = ("app.users.create-user", *about, "-i", "testing.ini")
        assert invoke(*task, answer=ANSWER)[0] == 0
        assert db.scalars(select(User.is_admin)).all() == [False]

    def test_of_the_task_hold_no_password(self, invoke):
        about = ("--username=Ada", f"--email={EMAIL}", "--password=sesame")
        done = invoke("app.users.create-user", *about)
        assert done == (1, "", "No idea what '--password' is!\n")


class TestCreateClient:
    @pytest.fixture
    def ada(self, db):
        user = factories.make_user(db, username="ada")
        db.close()
        return user

    def test_prints_the_secret_which_works(self, operator, ada, app, db):
        grants = ("--grant-type", "client_credentials", "--grant-type=password")
        uris = ("--redirect-uri=https://example.com/", "--redirect-uri=com.example:/a")
        scope = ("--scope", "teams:read")
        status, printed, error = operator.create_client(*grants, *uris, *scope)
        assert (status, error) == (0, "")
        form = dict(re.findall(r"(\w+): (\S+)", printed))
        assert list(form) == ["client_id", "client_secret"]
        form["grant_type"] = "client_credentials"
        response = Client(app).call("POST", "/auth/oauth2/token", form=form)
        assert response.json["scope"] == "teams:read"
        target = f"client:{form['client_id']}"
        assert stored_events(db)[0] == event("client_created", target=target)
        client = db.scalars(select(OAuth2Client)).one()
        assert client.grant_types == ("client_credentials", "password")
        assert client.redirect_uris == ("https://example.com/", "com.example:/a")
        assert (client.user_id, client.first_party) == (ada.id, False)

    @by_command
    def test_has_what_most_clients_need_where_nothing_is_said(
        self, operator, ada, make_pure_app, url, db
    ):
        assert operator.create_client("--first-party")[0] == 0
        client = db.scalars(select(OAuth2Client)).one()
        assert client.client_type == "confidential"
        assert client.grant_types == ("authorization_code", "refresh_token")
        assert client.default_scopes == tuple(make_pure_app(url).registry.scopes)
        assert client.first_party

    @by_command
    def test_of_a_public_client_there_is_no_secret(self, operator, ada):
        status, printed, _ = operator.create_client("--client-type", "public")
        assert status == 0
        assert printed.endswith("client_secret: none, it is public\n")

    @by_command
    @pytest.mark.parametrize(
        ("options", "sentences"),
        [
            (
                ("--client-type=secret", "--grant-type=implicit"),
                [
                    "--client-type secret: Must be one of public, confidential.",
                    "--grant-type implicit: Must be one of authorization_code, "
                    "refresh_token, client_credentials, password.",
                ],
            ),
            (
                ("--redirect-uri=https://example.com/", "--redirect-uri=not a uri"),
                [
                    "--redirect-uri 'not a uri': Must be an https URI without a "
                    "fragment, or a loopback URI."
                ],
            ),
            (
                ("--scope=teams:read", "--scope=teams:read"),
                ["--scope: Must not contain duplicate items."],
            ),
            (
                ("--scope=teams:read", "--scope=teams:fly"),
                ["--scope 'teams:fly': You can't grant this scope."],
            ),
            (
                ("--client-type=public", "--grant-type=client_credentials"),
                [
                    "--grant-type client_credentials: Public clients can't use client "
                    "credentials."
                ],
            ),
        ],
    )
    def test_refuses_what_the_api_does(self, operator, ada, rows, options, sentences):
        status, printed, error = operator.create_client(*options)
        assert (status, printed, error.splitlines()) == (1, "", sentences)
        assert rows() == {"user": 1}

    @by_command
    @pytest.mark.parametrize(
        ("owner", "sentence"),
        [
            ("nobody", "There is no user nobody."),
            ("A\tda", r"There is no user 'A\tda'."),
            ("GRACE", "The user Grace is not active."),
        ],
    )
    def test_needs_an_active_owner(self, operator, db, rows, owner, sentence):
        factories.make_user(db, "inactive", username="Grace")
        db.close()
        assert operator.create_client(owner=owner) == (1, "", f"{sentence}\n")
        assert rows() == {"user": 1}
