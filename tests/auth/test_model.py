"""Hypothesis plays users, clients and administrators against a small model.

The model knows of each grant whether it lives, and of each token whether it was used or
revoked. After every step each access token is presented, and must work exactly as long
as the model says.
"""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from tests import factories
from tests.client import Client
from tests.conftest import bind
from tests.patches import replace
from tests.users.accounts import patch

SCOPES = ("users:read", "users:write", "teams:read", "auth:read", "auth:write")
TOKEN = "/auth/oauth2/token"


@dataclass
class Grant:
    """What the model knows of a grant."""

    user: int
    client: int
    lives: bool = True
    access: list[str] = field(default_factory=list)
    refresh: list[str] = field(default_factory=list)


class Machine(RuleBasedStateMachine):
    """The server and the model, step by step."""

    grants = Bundle("grants")
    users = st.integers(0, 1)
    clients = st.integers(0, 1)

    def __init__(self, app, engine):
        super().__init__()
        self.connection = engine.connect()
        self.transaction = self.connection.begin()
        bind(app, self.connection)
        self.app = app
        self.all_grants = []

    def teardown(self):
        self.transaction.rollback()
        self.connection.close()

    @initialize()
    def make_world(self):
        with Session(
            self.connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        ) as db:
            self.accounts = [factories.make_user(db) for _ in range(2)]
            self.apps = [
                factories.make_client(
                    db, self.accounts[0], default_scopes=SCOPES, first_party=True
                )
                for _ in range(2)
            ]
            root = factories.make_user(db, "admin")
            token = factories.make_token(db, root, scopes=SCOPES)
        self.admin = Client(self.app, token)
        self.active = [True, True]
        self.enabled = [True, True]

    def ask(self, client, **form):
        """Send a token request as the client."""
        secret = {"client_secret": factories.CLIENT_SECRET}
        form = {"client_id": self.apps[client].client_id, **secret, **form}
        return Client(self.app).call("POST", TOKEN, form=form)

    def end(self, **criteria):
        """Let the model's grants of a user or client end."""
        for grant in self.all_grants:
            if all(getattr(grant, name) == n for name, n in criteria.items()):
                grant.lives = False

    @rule(target=grants, user=users, client=clients)
    def sign_in(self, user, client):
        response = self.ask(
            client,
            grant_type="password",
            username=self.accounts[user].username,
            password=factories.PASSWORD,
        )
        grant = Grant(user, client)
        self.all_grants.append(grant)
        if not (self.active[user] and self.enabled[client]):
            assert response.status_int in {400, 401}
            grant.lives = False
            return grant
        assert response.status_int == 200
        grant.access.append(response.json["access_token"])
        grant.refresh.append(response.json["refresh_token"])
        return grant

    @rule(grant=grants)
    def use_newest_refresh_token(self, grant):
        if not grant.refresh:
            return
        response = self.ask(
            grant.client, grant_type="refresh_token", refresh_token=grant.refresh[-1]
        )
        if grant.lives and self.enabled[grant.client]:
            assert response.status_int == 200
            grant.access.append(response.json["access_token"])
            grant.refresh.append(response.json["refresh_token"])
        else:
            assert response.status_int in {400, 401}

    @rule(grant=grants)
    def use_oldest_refresh_token(self, grant):
        if len(grant.refresh) < 2:
            return
        response = self.ask(
            grant.client, grant_type="refresh_token", refresh_token=grant.refresh[0]
        )
        assert response.status_int in {400, 401}
        if self.enabled[grant.client]:
            grant.lives = False

    @rule(grant=grants, by_access=st.booleans(), other=st.booleans())
    def revoke(self, grant, by_access, other):
        tokens = grant.access if by_access else grant.refresh
        if not tokens:
            return
        client = 1 - grant.client if other else grant.client
        form = {
            "client_id": self.apps[client].client_id,
            "client_secret": factories.CLIENT_SECRET,
            "token": tokens[-1],
        }
        response = Client(self.app).call("POST", "/auth/oauth2/revoke", form=form)
        if not self.enabled[client]:
            assert response.status_int == 401
        elif other:
            assert response.status_int == 400
        else:
            assert response.status_int == 200
            grant.lives = False

    @rule(user=users, active=st.booleans())
    def activate(self, user, active):
        change = patch(replace("is_active", active))
        path = f"/users/{self.accounts[user].id}"
        assert self.admin.patch(path, change).status_int == 200
        if self.active[user] and not active:
            self.end(user=user)
        self.active[user] = active

    @rule(client=clients, enabled=st.booleans())
    def enable(self, client, enabled):
        path = f"/auth/oauth2_clients/{self.apps[client].client_id}"
        change = [replace("enabled", enabled)]
        assert self.admin.patch(path, change).status_int == 200
        if self.enabled[client] and not enabled:
            self.end(client=client)
        self.enabled[client] = enabled

    @rule(grant=grants)
    def sign_out_everywhere(self, grant):
        if not (grant.access and grant.lives):
            return
        caller = Client(self.app, grant.access[-1])
        assert caller.delete("/auth/grants/").status_int == 204
        self.end(user=grant.user)

    @invariant()
    def access_tokens_work_as_long_as_their_grant_lives(self):
        for grant in self.all_grants:
            for token in grant.access[-2:]:
                response = Client(self.app, token).get("/users/me")
                assert response.status_int == (200 if grant.lives else 401)


class TestModel:
    def test_server_and_model_agree(self, app, engine):
        run_state_machine_as_test(
            lambda: Machine(app, engine),
            settings=settings(
                max_examples=12,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
