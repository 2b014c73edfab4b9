"""People with second factors: apps that show codes, and recovery codes."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from pyotp import TOTP
from sqlalchemy import update

from apiserver.core.db import now
from apiserver.factors.models import Factor
from apiserver.factors.totp import STEP
from apiserver.users.models import Throttle
from tests.auth.browser import Browser, home, redemption, told
from tests.auth.conftest import basic
from tests.client import Client
from tests.factories import CLIENT_SECRET
from tests.lifecycle.world import (
    USERNAMES,
    Account,
    Token,
    World,
    names,
    rightness,
    rule_for,
)

FACTORS = "/users/me/factors/"
CODES = f"{FACTORS}recovery-codes"
SECOND = "/auth/second-factor"
NOW, NEXT, AGAIN, WRONG = "now", "next", "again", "wrong"
RECOVERY, USED = "recovery", "used"
kinds = st.sampled_from((NOW, NEXT, AGAIN, WRONG, RECOVERY, USED))
# Of no account, and of no time step.
NO_CODE = "k7mw-xq2c-rr9d-3hfn"
FAR = 1000


@dataclass(eq=False)
class App:
    """An app that shows codes; it was used at ``last``, a time step."""

    id: int
    totp: TOTP
    last: int = 0

    def step(self, kind):
        """Return the time step of which a code is typed."""
        current = int(now().timestamp()) // STEP
        return {
            NOW: current,
            NEXT: current + 1,
            AGAIN: self.last,
            WRONG: current + FAR,
        }[kind]

    def code(self, step):
        return self.totp.generate_otp(step)


@dataclass(eq=False)
class Attempt:
    """A browser that has got past the password."""

    browser: Browser
    account: Account
    epoch: int
    is_over: bool = False


class Factors(World):
    """Second factors, and sign-ins that need them."""

    attempts = Bundle("attempts")

    @initialize(kind=st.sampled_from((NOW, None)))
    def begin(self, kind):
        """Maybe somebody has an app from the beginning: what follows comes sooner."""
        if kind is not None:
            self.enrol(USERNAMES[0], kind)

    def come_in(self, account):
        """Come in by a code, if the account has an app."""
        if not account.apps:
            super().come_in(account)
            return
        self.let_codes_pass()
        self.prove(self.sign_in_by_browser(account.username, is_right=True), NOW)

    @rule_for(World.callers, kind=st.sampled_from((None, NOW, NOW, NEXT, WRONG)))
    def enrol(self, username, kind):
        """Set up an app, in the place of one that waits; maybe not to the end."""
        account, client = self.caller(username)
        answer = client.post(f"{FACTORS}totp", {"name": "Phone"})
        assert answer.status_int == 201
        account.waiting = App(answer.json["id"], TOTP(answer.json["secret"]))
        if kind is not None:
            self.confirm(username, kind)

    def enrolling(self):
        """Return the callers who have an app, or are about to have one."""
        return [
            username
            for username in self.callers()
            if self.accounts[username].apps or self.accounts[username].waiting
        ]

    @rule_for(lambda world: world.enrolling(), kind=st.sampled_from((NOW, NEXT, WRONG)))
    def confirm(self, username, kind):
        """The first app ends what a password has given; the caller's token stays."""
        account, client = self.caller(username)
        app = account.waiting or account.apps[0]
        self.forget(Throttle)
        step = app.step(kind)
        path = f"{FACTORS}{app.id}/confirmation"
        answer = self.call(path, {"code": app.code(step)}, client)
        if kind == WRONG:
            assert answer.status_int == 422
        elif app is not account.waiting:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 200
            codes = answer.json["recovery_codes"]
            assert len(codes) == (0 if account.apps else 10)
            if not account.apps:
                self.end_grants(account)
                account.tokens.append(Token(client.token, account.epoch))
                account.codes, account.used_codes = codes, []
            app.last, account.waiting = step, None
            account.apps.append(app)
            self.is_told(account)

    @rule(
        target=attempts,
        username=names,
        is_right=rightness,
        typed=st.lists(kinds, max_size=3),
    )
    def sign_in_by_browser(self, username, is_right, typed=()):
        """Sign in on a page, and type codes where they are asked for."""
        self.forget(Throttle)
        account, password = self.typed(username, is_right)
        browser = Browser(lambda: Client(self.app))
        answer = browser.sign_in(username, password)
        if not (account and account.is_active and is_right):
            assert answer.status_int == 403
        elif account.apps:
            assert answer.headers["Location"] == SECOND
            assert browser.call("GET", SECOND).status_int == 200
            attempt = Attempt(browser, account, account.epoch)
            for kind in typed:
                self.prove(attempt, kind)
            return attempt
        else:
            assert answer.headers["Location"] == home()
            self.redeem(browser, account)
        return multiple()

    @rule(attempt=attempts, kind=kinds)
    def prove(self, attempt, kind):
        """Type a code, in a sign-in that may be over."""
        account, app = attempt.account, next(iter(attempt.account.apps), None)
        self.forget(Throttle)
        code, use = self.recovery(account, kind) or self.shown(app, kind)
        answer = attempt.browser.submit(SECOND, code=code)
        if attempt.is_over or attempt.epoch != account.epoch or not account.is_active:
            assert answer.status_int == 400
        elif use is None:
            assert answer.status_int == 403
        else:
            assert answer.status_int == (200 if kind == RECOVERY else 303)
            attempt.is_over = True
            use()
            self.redeem(attempt.browser, account)

    def recovery(self, account, kind):
        """Return a recovery code, and what uses it up: None if it isn't right."""
        known = {RECOVERY: account.codes, USED: account.used_codes}.get(kind)
        if known is None:
            return None
        code = known[0] if known else NO_CODE
        if kind == USED or not known:
            return code, None
        return code, lambda: account.used_codes.append(account.codes.pop(0))

    def shown(self, app, kind):
        """Return the code of an app, and what uses it up: None if it isn't right.

        Neither a code that was used is, nor an older one.
        """
        if app is None:
            return "000000", None
        step = app.step(kind)
        right = kind != WRONG and step > app.last
        return app.code(step), (lambda: setattr(app, "last", step)) if right else None

    def redeem(self, browser, account):
        """Let a browser that has signed in get an access token."""
        scope = " ".join(self.program.default_scopes)
        asked = browser.ask(self.program, scope=scope)
        # It is asked for consent once.
        led = told(asked) if asked.location else browser.decide()
        answer = Client(self.app).call(
            "POST",
            "/auth/oauth2/token",
            form=redemption(led["code"]),
            headers=basic(self.program.client_id, CLIENT_SECRET),
        )
        self.got_token(account, answer.json["access_token"])

    @precondition(lambda world: any(a.apps for a in world.accounts.values()))
    @rule()
    def let_codes_pass(self):
        """Wait, so that the codes of now are new ones."""
        self.run(update(Factor).values(last_step=Factor.last_step - 9))
        for account in self.accounts.values():
            for app in account.apps:
                app.last -= 9

    @rule_for(lambda world: world.enrolling())
    def remove(self, username):
        """Remove an app; with the last one that counts the recovery codes go."""
        account, client = self.caller(username)
        app = account.waiting or account.apps[0]
        assert client.delete(f"{FACTORS}{app.id}").status_int == 204
        if app is account.waiting:
            account.waiting = None
            return
        account.apps.remove(app)
        self.is_told(account)
        if not account.apps:
            account.used_codes += account.codes
            account.codes = []

    @rule_for(World.callers)
    def replace_codes(self, username):
        account, client = self.caller(username)
        answer = client.post(CODES)
        assert answer.status_int == (201 if account.apps else 409)
        if account.apps:
            account.used_codes += account.codes
            account.codes = answer.json["recovery_codes"]
            self.is_told(account)

    def protected(self):
        """Return whose accounts have an app."""
        return [a.username for a in self.accounts.values() if a.apps]

    @rule_for(lambda world: world.protected())
    def lose_all(self, username):
        """An administrator removes what somebody has lost."""
        account = self.accounts[username]
        answer = self.admin.delete(f"/users/{account.id}/factors/")
        assert answer.status_int == 204
        account.apps, account.waiting = [], None
        account.used_codes += account.codes
        account.codes = []
        self.end_grants(account)
        self.is_told(account)

    def is_told(self, account):
        """Look for the notice, which has no token."""
        assert self.recipients() == [(account.address, None)]

    @invariant()
    def factors_are_as_the_model_says(self):
        for account in self.accounts.values():
            listed = self.admin.get(f"/users/{account.id}/factors/").json
            waiting = [account.waiting] if account.waiting else []
            known = {app.id: app not in waiting for app in account.apps + waiting}
            assert {each["id"]: each["is_confirmed"] for each in listed} == known
