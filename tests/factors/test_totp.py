"""Apps that show codes, by the API: set up, confirmed, renamed, removed."""

from unittest.mock import ANY

import pytest
from pyotp import TOTP, parse_uri
from sqlalchemy import select, update

from apiserver.auth.models import OAuth2Grant
from apiserver.core.db import now
from apiserver.factors import recovery
from apiserver.factors.models import Factor, RecoveryCode
from apiserver.users.models import Throttle, User
from tests.client import Client
from tests.factors.accounts import code_of
from tests.patches import replace
from tests.problems import invalid, problem

FACTORS = "/users/me/factors/"
CODES = f"{FACTORS}recovery-codes"
STALE = problem(401, "This requires a more recent sign-in.")
WRONG = invalid(code="Is not the current code.")


def detail(**changes):
    shown = {
        "id": ANY,
        "kind": "totp",
        "name": "Phone",
        "is_confirmed": True,
        "created": ANY,
        "last_used": None,
    }
    return {**shown, **changes}


@pytest.fixture
def enrol(api, user):
    """A function that begins to set up an app, and returns caller, answer and app."""

    def call(**body):
        caller = api(user)
        created = caller.post(f"{FACTORS}totp", {"name": "Phone", **body}).json
        return caller, created, TOTP(created["secret"])

    return call


@pytest.fixture
def entering(enrol):
    """The app that is set up, and a function that sends a code of it."""
    caller, created, app = enrol()
    path = f"{FACTORS}{created['id']}/confirmation"
    return app, lambda code: caller.post(path, {"code": code})


@pytest.fixture
def confirm(enrol):
    """A function that sets up an app, and returns caller and answer."""

    def call():
        caller, created, app = enrol()
        path = f"{FACTORS}{created['id']}/confirmation"
        return caller, caller.post(path, {"code": code_of(app)})

    return call


@pytest.fixture
def usable(db, user):
    """A function that returns how many recovery codes of some the user could use."""

    def count(codes):
        digests = [recovery.digest_of(code, user_id=user.id) for code in codes]
        known = select(RecoveryCode).where(RecoveryCode.digest.in_(digests))
        return len(db.scalars(known).all())

    return count


class TestEnrol:
    def test_gives_what_an_app_reads(self, app, enrol, user, db):
        title = app.registry.settings["apiserver.title"]
        caller, created, _ = enrol()
        secret = created.pop("secret")
        read = parse_uri(created.pop("uri"))
        assert (read.secret, read.name, read.issuer) == (
            secret,
            user.username,
            title,
        )
        assert created.pop("qr_code").startswith("data:image/svg+xml;charset=utf-8,")
        waiting = detail(is_confirmed=False)
        assert created == waiting
        assert caller.get(FACTORS).json == [waiting]
        # Nobody who reads the database can make a code.
        assert secret not in db.scalars(select(Factor.secret)).one()

    def test_replaces_one_that_was_not_finished(self, enrol):
        enrol()
        caller, created, _ = enrol(name="Tablet")
        assert [each["id"] for each in caller.get(FACTORS).json] == [created["id"]]

    def test_does_not_replace_a_confirmed_one(self, enrol, totp):
        caller, _, _ = enrol(name="Tablet")
        assert [each["name"] for each in caller.get(FACTORS).json] == [
            "Phone",
            "Tablet",
        ]

    def test_has_an_end(self, api, user, add_totp):
        for _ in range(20):
            add_totp(user)
        refused = "An account can have at most 20 factors. Remove one first."
        assert api(user).post(f"{FACTORS}totp", {}).json == problem(409, refused)


class TestConfirm:
    def test_lets_the_factor_count(self, confirm, usable):
        caller, answer = confirm()
        codes = answer.json["recovery_codes"]
        assert answer.status_int == 200
        assert answer.json["factor"] == detail(last_used=ANY)
        assert len(set(codes)) == usable(codes) == 10
        assert caller.get(CODES).json == {"left": 10}

    def test_ends_what_was_given_for_a_password_alone(self, api, confirm, user, db):
        other = api(user)
        caller, _ = confirm()
        assert other.get("/users/me").status_int == 401
        assert caller.get("/users/me").status_int == 200
        amr = select(OAuth2Grant.amr).order_by(OAuth2Grant.id.desc()).limit(1)
        assert db.scalar(amr) == ("pwd", "otp", "mfa")

    def test_of_a_second_one_ends_nothing_and_keeps_the_codes(
        self, api, confirm, totp, user
    ):
        other = api(user)
        _, answer = confirm()
        assert answer.json["recovery_codes"] == []
        assert other.get("/users/me").status_int == 200

    def test_takes_the_code_as_it_is_read(self, entering):
        app, enter = entering
        code = code_of(app)
        assert enter(f" {code[:3]} {code[3:]}").status_int == 200

    @pytest.mark.parametrize("steps", [-1, 1])
    def test_lets_a_clock_be_wrong(self, entering, steps):
        app, enter = entering
        assert enter(code_of(app, steps)).status_int == 200

    @pytest.mark.parametrize("steps", [-3, 3])
    def test_refuses_a_code_of_another_time(self, entering, steps):
        app, enter = entering
        answer = enter(code_of(app, steps))
        assert (answer.status_int, answer.json) == (422, WRONG)

    @pytest.mark.parametrize("code", ["000", "12345x", "١٢٣٤٥٦", "1" * 20])
    def test_refuses_what_is_no_code(self, entering, code):
        assert entering[1](code).json == WRONG

    def test_works_once(self, entering):
        app, enter = entering
        assert enter(code_of(app)).status_int == 200
        again = enter(code_of(app))
        assert again.json == problem(409, "The factor is already confirmed.")

    def test_is_throttled_and_forgets_it_in_time(self, entering, db):
        app, enter = entering
        wrong = code_of(app, 9)
        assert [enter(wrong).status_int for _ in range(11)] == [422] * 10 + [429]
        assert enter(code_of(app)).status_int == 429
        db.execute(update(Throttle).values(expires=now()))
        assert enter(code_of(app)).status_int == 200


class TestFreshness:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("post", f"{FACTORS}totp", {}),
            ("post", f"{FACTORS}passkey-options", None),
            ("post", CODES, None),
            ("delete", FACTORS + "{id}", None),
        ],
    )
    def test_is_asked_for_by_each_change(
        self, api, an_hour_later, user, add_totp, method, path, body
    ):
        factor, _ = add_totp(user)
        caller = api(user)
        an_hour_later()
        send = getattr(caller, method)
        args = (body,) if body is not None else ()
        answer = send(path.format(id=factor.id), *args)
        assert (answer.status_int, answer.json) == (401, STALE)
        assert answer.headers["WWW-Authenticate"].endswith("max_age=900")


class TestRemove:
    def test_of_the_last_one_takes_the_codes_along(self, confirm, db, events):
        caller, answer = confirm()
        path = f"{FACTORS}{answer.json['factor']['id']}"
        assert caller.delete(path).status_int == 204
        assert caller.get(FACTORS).json == []
        assert caller.get(CODES).json == {"left": 0}
        assert db.scalars(select(RecoveryCode)).all() == []

    def test_leaves_the_codes_to_another_one(self, confirm, add_totp, user):
        caller, answer = confirm()
        add_totp(user, name="Tablet")
        assert (
            caller.delete(f"{FACTORS}{answer.json['factor']['id']}").status_int == 204
        )
        assert caller.get(CODES).json == {"left": 10}

    def test_is_refused_where_one_is_required(
        self, api, make_required_app, make_token, user, add_totp
    ):
        factor, _ = add_totp(user)
        app = make_required_app("everybody")
        api(app=app)
        strong = make_token(user, scopes=app.registry.scopes, amr=("pwd", "mfa"))
        sentence = "Your account must have a second factor. Add another one first."
        answer = Client(app, strong).delete(f"{FACTORS}{factor.id}")
        assert answer.json == problem(409, sentence)


class TestRename:
    def test_changes_the_name(self, api, user, add_totp):
        factor, _ = add_totp(user)
        patch = [replace("name", "Old phone")]
        answer = api(user).patch(f"{FACTORS}{factor.id}", patch)
        assert answer.json == detail(name="Old phone")


class TestRecoveryCodes:
    def test_are_replaced(self, confirm, usable):
        caller, answer = confirm()
        created = caller.post(CODES)
        assert created.status_int == 201
        codes = created.json["recovery_codes"]
        assert usable(codes) == 10
        assert usable(answer.json["recovery_codes"]) == 0

    def test_need_a_factor(self, api, user):
        refused = problem(409, "The account has no second factor.")
        assert api(user).post(CODES).json == refused


class TestReset:
    def test_is_what_an_administrator_does(self, api, make_user, confirm, user, events):
        caller, answer = confirm()
        admin = make_user("admin")
        path = f"/users/{user.id}/factors/"
        assert len(api(admin).get(path).json) == 1
        assert api(admin).delete(path).status_int == 204
        assert api(admin).get(path).json == []
        assert caller.get("/users/me").status_int == 401
        last = events()[-1]
        assert (last["action"], last["target"]) == (
            "factors_removed",
            f"user:{user.id} factor:{answer.json['factor']['id']}",
        )
        assert last["actor_id"] == admin.id


class TestAudit:
    def test_tells_each_change_once(self, confirm, user, events):
        caller, answer = confirm()
        number = answer.json["factor"]["id"]
        caller.post(CODES)
        caller.delete(f"{FACTORS}{number}")
        told = [(each["action"], each["target"]) for each in events()]
        assert told == [
            ("factor_created", f"factor:{number}"),
            ("factor_confirmed", f"user:{user.id} factor:{number}"),
            ("recovery_codes_created", "recovery_code"),
            ("factor_deleted", f"factor:{number}"),
        ]


def test_nothing_is_left_of_a_user(db, user, totp):
    db.delete(db.get(User, user.id))
    db.flush()
    assert db.scalars(select(Factor)).all() == []
