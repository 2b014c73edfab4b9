"""Hypothesis plays people with their mailboxes against a small model of accounts.

The model knows of each account its address, its password and whether it is active, and
of each link that was mailed what it is for. After every step each access token works
exactly as long as the model says, and no two accounts share an address.
"""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from apiserver.core.jobs import QueuedJob, work_off
from apiserver.mail.models import MailCounter, ShownMail
from apiserver.users.models import Throttle
from tests import factories
from tests.client import Client
from tests.conftest import bind
from tests.patches import op, replace

USERNAMES = ("curie", "noether", "lovelace")
ADDRESSES = tuple(f"{name}@example.com" for name in ("one", "two", "three", "four"))
PASSWORDS = ("an umbrella for the tortoise", "seven quiet lighthouses sing")
SCOPES = "users:read users:write"
# The mailed link leads nowhere: unknown, used, replaced, expired.
GONE = 422


@dataclass(eq=False)
class Account:
    """What the model knows of an account."""

    username: str
    address: str
    password: str
    id: int
    is_active: bool = True
    # Raised when all ends that was granted.
    epoch: int = 0
    tokens: list[tuple[str, int]] = field(default_factory=list)
    # The newest of its kind; older ones are replaced.
    reset: "Link | None" = None
    change: "Link | None" = None
    take_backs: list["Link"] = field(default_factory=list)


@dataclass(eq=False)
class Link:
    """A link that was mailed to an address; of an account, but for a sign-up."""

    token: str
    address: str
    account: Account | None = None
    epoch: int = 0
    username: str = ""
    password: str = ""
    is_used: bool = False


class Machine(RuleBasedStateMachine):
    """The server and the model, step by step."""

    sign_ups = Bundle("sign_ups")
    resets = Bundle("resets")
    changes = Bundle("changes")
    take_backs = Bundle("take_backs")
    usernames = st.sampled_from(USERNAMES)
    addresses = st.sampled_from(ADDRESSES)
    passwords = st.sampled_from(PASSWORDS)

    def __init__(self, app, engine):
        super().__init__()
        self.connection = engine.connect()
        self.transaction = self.connection.begin()
        bind(app, self.connection)
        self.app = app
        self.accounts = {}

    def teardown(self):
        self.transaction.rollback()
        self.connection.close()

    def session(self):
        return Session(
            self.connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        )

    @initialize()
    def make_world(self):
        with self.session() as db:
            root = factories.make_user(db, "admin")
            self.admin = Client(
                self.app, factories.make_token(db, root, scopes=SCOPES.split())
            )
            self.program = factories.make_client(
                db, root, default_scopes=SCOPES.split(), first_party=True
            ).client_id

    def call(self, path, body, client=None):
        return (client or Client(self.app)).post(path, body)

    def owner_of(self, address):
        return next((a for a in self.accounts.values() if a.address == address), None)

    def mailed(self, address):
        """Let the worker mail; return the token that went to the address, if one did.

        Nothing goes anywhere else.
        """
        with self.session() as db:
            # What was put in this transaction is due by now.
            db.execute(update(QueuedJob).values(due=QueuedJob.created))
            db.commit()
        assert set(work_off(self.app.registry)) <= {"done"}
        with self.session() as db:
            mails = db.execute(select(ShownMail.recipient, ShownMail.text)).all()
        self.forget(ShownMail, MailCounter, Throttle)
        assert {recipient for recipient, _ in mails} <= {address}
        found = [re.search(r"token=(\S+)", text) for _, text in mails]
        tokens = [match[1] for match in found if match]
        assert len(tokens) <= 1
        return tokens[0] if tokens else None

    def forget(self, *tables):
        """Forget what was counted: nothing is refused for being too often."""
        with self.session() as db:
            for table in tables:
                db.execute(delete(table))
            db.commit()

    @rule(target=sign_ups, username=usernames, address=addresses, password=passwords)
    def sign_up(self, username, address, password):
        body = {"username": username, "email": address, "password": password}
        answer = self.call("/users/sign-ups", body)
        if username in self.accounts:
            assert answer.status_int == 409
            token = self.mailed(address)
            assert token is None
            return Link("", address, is_used=True)
        assert answer.status_int == 202
        token = self.mailed(address)
        assert (token is None) == (self.owner_of(address) is not None)
        return Link(
            token or "",
            address,
            username=username,
            password=password,
            is_used=token is None,
        )

    @rule(link=sign_ups)
    def confirm_sign_up(self, link):
        assume(link.token)
        answer = self.call("/users/sign-ups/confirmation", {"token": link.token})
        if link.is_used:
            assert answer.status_int == GONE
        elif link.username in self.accounts or self.owner_of(link.address):
            assert answer.status_int == 409
        else:
            assert answer.status_int == 200
            link.is_used = True
            self.accounts[link.username] = Account(
                link.username, link.address, link.password, answer.json["id"]
            )

    @rule(username=usernames, password=passwords)
    def sign_in(self, username, password):
        self.forget(Throttle)
        answer = Client(self.app).call(
            "POST",
            "/auth/oauth2/token",
            form={
                "grant_type": "password",
                "client_id": self.program,
                "client_secret": factories.CLIENT_SECRET,
                "username": username,
                "password": password,
            },
        )
        account = self.accounts.get(username)
        if account and account.is_active and account.password == password:
            assert answer.status_int == 200
            account.tokens.append((answer.json["access_token"], account.epoch))
        else:
            assert answer.status_int == 400

    @rule(target=resets, address=addresses)
    def lose_password(self, address):
        assert self.call("/auth/password-resets/", {"email": address}).status_int == 202
        account, token = self.owner_of(address), self.mailed(address)
        assert (token is not None) == bool(account and account.is_active)
        if account is None or token is None:
            return Link("", address, is_used=True)
        account.reset = Link(token, address, account, account.epoch)
        return account.reset

    @rule(link=resets, password=passwords)
    def reset_password(self, link, password):
        assume(link.token)
        account = link.account
        body = {"token": link.token, "password": password}
        answer = self.call("/auth/password-resets/confirmation", body)
        works = (
            link is account.reset
            and link.epoch == account.epoch
            and link.address == account.address
            and account.is_active
        )
        assert answer.status_int == (204 if works else GONE)
        if works:
            account.password = password
            account.epoch += 1
        # The notice has no token.
        assert self.mailed(account.address) is None

    @rule(username=usernames, password=passwords)
    def change_password(self, username, password):
        account = self.accounts.get(username)
        client = self.client_of(account)
        assume(client is not None and password != account.password)
        patch = [
            op("test", "/current_password", value=account.password),
            replace("password", password),
        ]
        assert client.patch("/users/me", patch).status_int == 200
        account.password = password
        account.epoch += 1

    def client_of(self, account):
        """Return a caller with a token of the account that works, or None."""
        if account is None or not account.is_active:
            return None
        live = [token for token, epoch in account.tokens if epoch == account.epoch]
        return Client(self.app, live[-1]) if live else None

    @rule(username=usernames, active=st.booleans())
    def set_active(self, username, active):
        assume(username in self.accounts)
        account = self.accounts[username]
        patch = [
            op("test", "/current_password", value=factories.PASSWORD),
            replace("is_active", active),
        ]
        assert self.admin.patch(f"/users/{account.id}", patch).status_int == 200
        if account.is_active and not active:
            account.epoch += 1
        account.is_active = active

    @rule(target=changes, username=usernames, address=addresses)
    def ask_for_address(self, username, address):
        account = self.accounts.get(username)
        client = self.client_of(account)
        assume(client is not None)
        answer = self.call("/users/me/address-changes/", {"email": address}, client)
        if address == account.address:
            assert answer.status_int == 409
            return Link("", address, is_used=True)
        assert answer.status_int == 202
        token = self.mailed(address)
        assert (token is None) == (self.owner_of(address) is not None)
        account.change = Link(token or "", address, account, account.epoch)
        return account.change

    @rule(target=take_backs, link=changes)
    def confirm_address(self, link):
        assume(link.token)
        account = link.account
        body = {"token": link.token}
        answer = self.call("/users/address-changes/confirmation", body)
        works = (
            link is account.change
            and link.epoch == account.epoch
            and account.is_active
            and not link.is_used
        )
        if not works:
            assert answer.status_int == GONE
        elif self.owner_of(link.address) not in {None, account}:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 204
            link.is_used = True
            old, account.address = account.address, link.address
            token = self.mailed(old)
            assert (token is None) == (old == account.address)
            back = Link(token or "", old, account)
            account.take_backs.append(back)
            return back
        return Link("", link.address, is_used=True)

    @rule(link=take_backs)
    def take_address_back(self, link):
        assume(link.token)
        account = link.account
        body = {"token": link.token}
        answer = self.call("/users/address-changes/taking-back", body)
        if link not in account.take_backs:
            assert answer.status_int == GONE
        elif self.owner_of(link.address) not in {None, account}:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 204
            del account.take_backs[account.take_backs.index(link) :]
            account.address, account.change = link.address, None
            account.epoch += 1

    @invariant()
    def tokens_work_as_long_as_nothing_has_ended_them(self):
        for account in self.accounts.values():
            for token, epoch in account.tokens[-3:]:
                answer = Client(self.app, token).get("/users/me")
                if account.is_active and epoch == account.epoch:
                    assert answer.json["email"] == account.address
                else:
                    assert answer.status_int == 401

    @invariant()
    def addresses_are_as_the_model_says(self):
        for account in self.accounts.values():
            known = self.admin.get(f"/users/{account.id}").json
            assert known["email"] == account.address
            assert known["is_active"] == account.is_active


@pytest.mark.slow
class TestModel:
    def test_server_and_model_agree(self, shared_app):
        app = shared_app(signup="verified", captcha="off", captcha_secret="")
        run_state_machine_as_test(
            lambda: Machine(app, app.registry.engine),
            settings=settings(
                max_examples=20,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
