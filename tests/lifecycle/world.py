"""The people of the model, the server, and the mailboxes: what all its parts share.

A part (``tests/lifecycle/factors.py``) adds rules; what one of them does to an account
that concerns others is a method here, which they extend.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import delete, select, update

from apiserver.core.db import Session
from apiserver.core.jobs import QueuedJob, work_off
from apiserver.mail.models import MailCounter, ShownMail
from apiserver.users.models import Throttle
from tests import factories
from tests.client import Client
from tests.conformance.flow import REDIRECT_URI
from tests.conftest import bind
from tests.patches import op, replace

USERNAMES = ("curie", "noether", "lovelace")
ADDRESSES = tuple(f"{name}@example.com" for name in ("one", "two", "three", "four"))
PASSWORDS = ("an umbrella for the tortoise", "seven quiet lighthouses sing")

usernames = st.sampled_from(USERNAMES)
# Most people who sign in have an account.
names = st.runner().flatmap(
    lambda world: st.sampled_from([*world.accounts, *world.accounts, *USERNAMES])
)
addresses = st.sampled_from(ADDRESSES)
passwords = st.sampled_from(PASSWORDS)
# More often than not people know what they type.
rightness = st.sampled_from((True, True, False))


@dataclass(eq=False)
class Token:
    """An access token, which works at one epoch of its account."""

    value: str
    epoch: int


@dataclass(eq=False)
class Link:
    """A link that was mailed to an address; of an account, maybe."""

    token: str
    address: str
    account: "Account | None" = None
    epoch: int = 0
    username: str = ""
    password: str = ""
    is_used: bool = False


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
    tokens: list[Token] = field(default_factory=list)
    # The newest of its kind; older ones are replaced.
    reset: Link | None = None
    change: Link | None = None
    take_backs: list[Link] = field(default_factory=list)
    is_to_be_deleted: bool = False
    is_member: bool = False
    # Confirmed apps that show codes, and one that waits for its first code.
    apps: list[Any] = field(default_factory=list)
    waiting: Any = None
    # Recovery codes that nobody has used, and the others.
    codes: list[str] = field(default_factory=list)
    used_codes: list[str] = field(default_factory=list)


def rule_for(find, **strategies):
    """A rule for one of the usernames that a method finds; for none it doesn't apply.

    ``assume`` would throw the whole life away.
    """
    usernames = st.runner().flatmap(lambda world: st.sampled_from(find(world)))

    def decorate(function):
        stepped = rule(username=usernames, **strategies)(function)
        return precondition(lambda world: bool(find(world)))(stepped)

    return decorate


class World(RuleBasedStateMachine):
    """The server and the model, step by step."""

    def __init__(self, app):
        super().__init__()
        self.connection = app.registry.engine.connect()
        self.transaction = self.connection.begin()
        bind(app, self.connection)
        self.app = app
        self.accounts = {}
        self.gone = []
        with self.session() as db:
            self.prepare(db)

    def prepare(self, db):
        """Make what is there at first: an administrator, a client, one who came in."""
        self.root = factories.make_user(db, "admin")
        scopes = tuple(self.app.registry.scopes)
        self.admin = Client(
            self.app, factories.make_token(db, self.root, scopes=scopes)
        )
        self.program = factories.make_client(
            db,
            self.root,
            default_scopes=scopes,
            first_party=True,
            redirect_uris=(REDIRECT_URI,),
            grant_types=("password", "authorization_code"),
        )
        [username, *_], [address, *_], [password, *_] = USERNAMES, ADDRESSES, PASSWORDS
        user = factories.make_user(
            db,
            username=username,
            email=address,
            password_digest=factories.HASHER.hash(password),
        )
        account = Account(username, address, password, user.id)
        self.accounts[username] = account
        self.got_token(account, factories.make_token(db, user, scopes=scopes))

    def teardown(self):
        self.transaction.rollback()
        self.connection.close()

    def session(self):
        return Session(
            self.connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        )

    def run(self, *statements):
        """Run statements in a transaction of their own."""
        with self.session() as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    def call(self, path, body, client=None):
        return (client or Client(self.app)).post(path, body)

    def owner_of(self, address):
        return next((a for a in self.accounts.values() if a.address == address), None)

    def known(self):
        """Return the usernames that somebody has."""
        return list(self.accounts)

    def callers(self):
        """Return the usernames of those who may sign in."""
        return [a.username for a in self.accounts.values() if a.is_active]

    def caller(self, username):
        """Return an account, and a client with an access token of it."""
        account = self.accounts[username]
        if not live_tokens(account):
            self.come_in(account)
        return account, Client(self.app, live_tokens(account)[-1])

    def come_in(self, account):
        """Sign in as one does who may; without that most rules could do nothing."""
        self.sign_in(account.username, is_right=True)

    def end_grants(self, account):
        account.epoch += 1

    def delete(self, account):
        """Know no more of an account; its links lead nowhere."""
        del self.accounts[account.username]
        self.gone.append(account)
        account.is_active = account.is_member = False
        account.reset = account.change = None
        account.take_backs.clear()

    def recipients(self):
        """Let the worker mail; return to whom, each with the token of the mail."""
        # What was put in this transaction is due by now.
        self.run(update(QueuedJob).values(due=QueuedJob.created))
        assert set(work_off(self.app.registry)) <= {"done"}
        with self.session() as db:
            mails = db.execute(select(ShownMail.recipient, ShownMail.text)).all()
        self.forget(ShownMail, MailCounter, Throttle)
        return [(recipient, token_in(text)) for recipient, text in mails]

    def mailed(self, address):
        """Let the worker mail; return the token that went to the address, if one did.

        Nothing goes anywhere else.
        """
        mails = self.recipients()
        assert {recipient for recipient, _ in mails} <= {address}
        tokens = [token for _, token in mails if token]
        assert len(tokens) <= 1
        return tokens[0] if tokens else None

    def forget(self, *tables):
        """Forget what was counted: nothing is refused for being too often."""
        self.run(*map(delete, tables))

    def typed(self, username, is_right):
        """Return an account, or None, and the password that is typed for it."""
        account = self.accounts.get(username)
        known = account.password if account else PASSWORDS[0]
        [wrong] = {*PASSWORDS} - {known}
        return account, known if is_right else wrong

    @rule(username=names, is_right=rightness)
    def sign_in(self, username, is_right):
        """Sign in by the password alone, without a browser."""
        self.forget(Throttle)
        account, password = self.typed(username, is_right)
        answer = Client(self.app).call(
            "POST",
            "/auth/oauth2/token",
            form={
                "grant_type": "password",
                "client_id": self.program.client_id,
                "client_secret": factories.CLIENT_SECRET,
                "username": username,
                "password": password,
            },
        )
        if account and account.is_active and is_right and not account.apps:
            assert answer.status_int == 200
            self.got_token(account, answer.json["access_token"])
        else:
            assert answer.status_int == 400

    def got_token(self, account, value):
        account.tokens.append(Token(value, account.epoch))

    @rule_for(lambda world: world.callers())
    def change_password(self, username):
        """All ends that was granted, but for the token of the caller."""
        account, client = self.caller(username)
        _, new = self.typed(username, is_right=False)
        patch = [
            op("test", "/current_password", value=account.password),
            replace("password", new),
        ]
        answer = client.patch(f"/users/{account.id}", patch)
        assert answer.status_int == 200
        account.password = new
        self.end_grants(account)
        account.tokens.append(Token(client.token, account.epoch))
        # There may be a notice, which has no token.
        assert self.mailed(account.address) is None

    @rule_for(lambda world: world.known(), again=rightness)
    def block(self, username, again):
        """Deactivate an account, and mostly activate it again."""
        account = self.accounts[username]
        if account.is_active:
            self.end_grants(account)
        for active in (False, True)[: 1 + again]:
            patch = [
                op("test", "/current_password", value=factories.PASSWORD),
                replace("is_active", active),
            ]
            answer = self.admin.patch(f"/users/{account.id}", patch)
            assert answer.status_int == 200
            account.is_active = active

    @invariant()
    def tokens_work_as_long_as_nothing_has_ended_them(self):
        for account in [*self.accounts.values(), *self.gone[-2:]]:
            live = live_tokens(account)
            for token in {token.value for token in account.tokens[-3:]}:
                answer = Client(self.app, token).get("/users/me")
                if token in live:
                    assert answer.json["email"] == account.address
                else:
                    assert answer.status_int == 401

    @invariant()
    def accounts_are_as_the_model_says(self):
        for account in self.accounts.values():
            known = self.admin.get(f"/users/{account.id}").json
            assert known["email"] == account.address
            assert known["is_active"] == account.is_active
        for account in self.gone[-2:]:
            assert self.admin.get(f"/users/{account.id}").status_int == 404


def live_tokens(account):
    """Return the access tokens of an account that work, the newest last."""
    current = [t.value for t in account.tokens if t.epoch == account.epoch]
    return current if account.is_active else []


def token_in(text):
    """Return the token of the link in a mail, or None."""
    _, found, rest = text.partition("token=")
    return rest.split()[0] if found else None
