"""Access that the operator takes away, and secrets that he gives anew."""

import re

import pytest
from sqlalchemy import select

from apiserver.core.audit import AuditEvent
from apiserver.users.models import User
from tests import factories
from tests.client import Client
from tests.events import event, stored_events

pytestmark = pytest.mark.usefixtures("pure")

INI = ("-i", "testing.ini")
SCOPES = ("teams:read",)


@pytest.fixture
def users(db):
    """Ada and Grace."""
    return [factories.make_user(db, username=name) for name in ("Ada", "Grace")]


@pytest.fixture
def clients(db, users):
    """Two clients of Ada's, ``phone`` and ``web``."""
    return [
        factories.make_client(
            db, users[0], client_id=name, default_scopes=SCOPES, first_party=True
        )
        for name in ("phone", "web")
    ]


@pytest.fixture
def statuses(app, db, users, clients):
    """A function that returns what the tokens that were issued are answered.

    They are Ada's by the one client and the other, Grace's by both, then the clients'.
    """
    tokens = [
        factories.make_token(db, user, client=client, scopes=SCOPES)
        for user in (*users, None)
        for client in clients
    ]
    db.close()
    return lambda: [Client(app, token).get("/teams/").status_int for token in tokens]


def sign_in(app, client_id, secret=factories.CLIENT_SECRET, **more):
    """Return the status of a request for a token."""
    form = {"grant_type": "client_credentials", **more}
    form |= {"client_id": client_id, "client_secret": secret}
    return Client(app).call("POST", "/auth/oauth2/token", form=form).status_int


def with_password(username, password):
    return {"grant_type": "password", "username": username, "password": password}


class TestRevoke:
    def test_of_a_user_ends_his_tokens_alone(self, command, statuses, users, db):
        assert statuses() == [200] * 6
        done = command("revoke", *INI, "--user", "ADA")
        assert done == (0, "All tokens and sessions of Ada are revoked.\n", "")
        assert statuses() == [401, 401, 200, 200, 200, 200]
        recorded = event("revoked_by_operator", target=f"user:{users[0].id}")
        assert stored_events(db) == [recorded]

    def test_of_a_client_ends_its_tokens_and_it_gets_new_ones(
        self, command, statuses, app, db
    ):
        done = command("revoke", *INI, "--client", "web")
        assert done == (0, "All tokens of the client web are revoked.\n", "")
        assert statuses() == [200, 401, 200, 401, 200, 401]
        recorded = event("revoked_by_operator", target="client:web")
        assert stored_events(db) == [recorded]
        db.close()
        assert sign_in(app, "web") == 200

    def test_of_a_client_that_is_disabled_is_for_good(self, command, statuses, app):
        status, printed, _ = command("revoke", *INI, "--client", "web", "--disable")
        assert (status, printed) == (
            0,
            "All tokens of the client web are revoked, and it gets no new ones.\n",
        )
        assert statuses() == [200, 401, 200, 401, 200, 401]
        assert sign_in(app, "web") == 401
        assert sign_in(app, "phone") == 200

    def test_of_a_user_by_a_client_ends_just_that(self, command, statuses, users, db):
        done = command("revoke", *INI, "--user", "ada", "--client", "web")
        sentence = "The client web no longer has access for Ada (grants: 1).\n"
        assert done == (0, sentence, "")
        assert statuses() == [200, 401, 200, 200, 200, 200]
        target = f"user:{users[0].id} client:web"
        assert stored_events(db) == [event("revoked_by_operator", target=target)]

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ((), "Give --user, --client, or both."),
            (("--user", "nobody"), "There is no user nobody."),
            (("--client", "nothing"), "There is no client nothing."),
            (("--user", "Ada", "--client", "nothing"), "There is no client nothing."),
            (
                ("--user", "Ada", "--disable"),
                "Only a client can be disabled: give --client.",
            ),
            (
                ("--user", "Ada", "--client", "web", "--disable"),
                "A client is disabled for all users: leave out --user.",
            ),
        ],
    )
    def test_says_what_is_wrong_and_ends_nothing(
        self, command, statuses, db, options, sentence
    ):
        assert command("revoke", *INI, *options) == (1, "", f"{sentence}\n")
        assert statuses() == [200] * 6
        assert stored_events(db) == []


class TestRotateSecret:
    def rotate(self, command, *options):
        status, printed, error = command("rotate-secret", *INI, "--client", *options)
        assert (status, error) == (0, "")
        secret, old = re.fullmatch(r"client_secret: (\S+)\n(.+)\n", printed).groups()
        return secret, old

    def test_gives_one_beside_the_old_one(self, command, app, clients, db):
        db.close()
        secret, old = self.rotate(command, "web")
        assert old == "The old one works for another 86400 s."
        assert sign_in(app, "web", secret) == 200
        assert sign_in(app, "web") == 200
        recorded = event("client_secret_created", target="client:web")
        assert stored_events(db)[0] == recorded

    def test_ends_an_old_one_that_has_leaked_at_once(self, command, app, clients, db):
        db.close()
        secret, old = self.rotate(command, "web", "--overlap", "0")
        assert old == "The old one no longer works."
        assert sign_in(app, "web") == 401
        assert sign_in(app, "web", secret) == 200

    def test_has_none_for_a_public_client(self, command, users, db):
        factories.make_client(db, users[0], client_id="spa", client_type="public")
        db.close()
        done = command("rotate-secret", *INI, "--client", "spa")
        assert done == (1, "", "Public clients have no secret.\n")

    @pytest.mark.parametrize(
        ("overlap", "sentence"),
        [
            ("-1", "Must be at least 0."),
            (str(10**10), "Must be at most 1000000000."),
        ],
    )
    def test_takes_seconds(self, command, clients, rows, overlap, sentence):
        options = ("--client", "web", f"--overlap={overlap}")
        done = command("rotate-secret", *INI, *options)
        assert done == (1, "", f"--overlap {overlap}: {sentence}\n")
        assert "audit_event" not in rows()

    def test_needs_a_client(self, command):
        done = command("rotate-secret", *INI)
        assert done == (1, "", "--client: Is required.\n")
        done = command("rotate-secret", *INI, "--client=nothing")
        assert done == (1, "", "There is no client nothing.\n")


class TestSetPassword:
    NEW = "an umbrella for the tortoise"

    def test_lets_sign_in_by_it_alone(self, command, app, clients, users, db):
        db.close()
        done = command("set-password", *INI, "--username", "ADA", answer=self.NEW)
        sentence = "User Ada has a new password; all tokens are revoked.\n"
        assert done == (0, sentence, "")
        assert sign_in(app, "web", **with_password("ada", self.NEW)) == 200
        assert sign_in(app, "web", **with_password("ada", factories.PASSWORD)) == 400
        target = f"user:{users[0].id}"
        assert stored_events(db)[0] == event("password_change", target=target)

    def test_ends_tokens(self, command, statuses):
        new = ("set-password", *INI, "--username", "ada")
        assert command(*new, answer=self.NEW)[0] == 0
        assert statuses() == [401, 401, 200, 200, 200, 200]

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            ("", "No password: type one, or pipe it in."),
            (
                "my name is lovelace, you know",
                "password: Must not contain your username, names or email address.",
            ),
        ],
    )
    def test_refuses_what_the_api_does(self, command, users, db, answer, sentence):
        users[0].last_name = "Lovelace"
        db.commit()
        before = db.scalars(select(User.password_digest)).all()
        db.close()
        done = command("set-password", *INI, "--username", "ada", answer=answer)
        assert done == (1, "", f"{sentence}\n")
        assert db.scalars(select(User.password_digest)).all() == before
        assert stored_events(db) == []

    def test_says_that_there_is_no_account_before_it_asks(self, command):
        done = command("set-password", *INI, "--username", "nobody")
        assert done == (1, "", "There is no user nobody.\n")

    @pytest.mark.parametrize("username", ["", "a" * 100])
    def test_reaches_accounts_that_are_older_than_the_rules(
        self, command, db, username
    ):
        if db.get_bind().name != "sqlite" and len(username) > 80:
            pytest.skip("PostgreSQL has never stored such a name.")
        factories.make_user(db, username=username)
        db.close()
        done = command("set-password", *INI, f"--username={username}", answer=self.NEW)
        assert done[0] == 0


class TestAudit:
    def test_knows_that_it_was_a_command(self, command, users, db):
        db.close()
        # It logs more than testing.ini.
        done = command("revoke", "-i", "development.ini", "--user", "ada")
        assert done[:2] == (0, "All tokens and sessions of Ada are revoked.\n")
        stored = db.scalars(select(AuditEvent)).one()
        assert stored.address == "command"
        assert re.fullmatch("[0-9a-f]{32}", stored.request_id)
        assert (
            f"action=revoked_by_operator result=success target=user:{users[0].id} "
            f"request_id={stored.request_id} address=command\n"
        ) in done[2]
