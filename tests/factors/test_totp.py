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
from tests.project import STALE

FACTORS = "/users/me/factors/"
CODES = f"{FACTORS}recovery-codes"
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
def caller(api, user):
    return api(user)


@pytest.fixture
def enrol(caller):
    """A function that begins to set up an app, and returns what is answered."""
    return lambda name="Phone": caller.post(f"{FACTORS}totp", {"name": name}).json


@pytest.fixture
def listed(caller):
    """A function that returns the factors that are listed, by one of their fields."""
    return lambda field: [each[field] for each in caller.get(FACTORS).json]


@pytest.fixture
def begun(enrol):
    """What is answered to who begins to set up an app."""
    return enrol()


@pytest.fixture
def code(begun):
    """A function that returns the code of that app, so many steps from now."""
    return lambda steps=0: code_of(TOTP(begun["secret"]), steps)


@pytest.fixture
def enter(caller, begun):
    """A function that sends a code of that app."""
    path = f"{FACTORS}{begun['id']}/confirmation"
    return lambda code: caller.post(path, {"code": code})


@pytest.fixture
def confirmed(enter, code):
    """What is answered to the first code."""
    return enter(code()).json


@pytest.fixture
def usable(db, user):
    """A function that returns how many recovery codes of some the user could use."""

    def count(codes):
        digests = [recovery.digest_of(code, user_id=user.id) for code in codes]
        known = select(RecoveryCode).where(RecoveryCode.digest.in_(digests))
        return len(db.scalars(known).all())

    return count


class TestEnrol:
    def test_gives_what_an_app_reads(self, app, begun, caller, user, db):
        created = begun
        secret, uri = created.pop("secret"), created.pop("uri")
        title = app.registry.settings["apiserver.title"]
        read = parse_uri(uri)
        assert (read.secret, read.name, read.issuer) == (secret, user.username, title)
        assert created.pop("qr_code").startswith("data:image/svg+xml;charset=utf-8,")
        assert created == detail(is_confirmed=False)
        assert caller.get(FACTORS).json == [created]
        # Nobody who reads the database can make a code.
        assert secret not in db.scalars(select(Factor.secret)).one()

    def test_replaces_one_that_was_not_finished(self, enrol, listed):
        enrol()
        assert [enrol("Tablet")["id"]] == listed("id")

    def test_does_not_replace_a_confirmed_one(self, enrol, totp, listed):
        enrol("Tablet")
        assert listed("name") == ["Phone", "Tablet"]

    def test_has_an_end(self, caller, user, add_totp):
        for _ in range(20):
            add_totp(user)
        refused = "An account can have at most 20 factors. Remove one first."
        assert caller.post(f"{FACTORS}totp", {}).json == problem(409, refused)


class TestConfirm:
    def test_lets_the_factor_count(self, confirmed, caller, usable):
        codes = confirmed["recovery_codes"]
        assert confirmed["factor"] == detail(last_used=ANY)
        assert len(set(codes)) == usable(codes) == 10
        assert caller.get(CODES).json == {"left": 10}

    def test_ends_what_was_given_for_a_password_alone(
        self, api, enter, code, caller, user, db
    ):
        other = api(user)
        enter(code())
        statuses = [each.get("/users/me").status_int for each in (other, caller)]
        assert statuses == [401, 200]
        amr = select(OAuth2Grant.amr).order_by(OAuth2Grant.id)
        assert db.scalars(amr).first() == ("pwd", "otp", "mfa")

    def test_of_a_second_one_ends_nothing_and_keeps_the_codes(
        self, api, totp, enter, code, user
    ):
        other = api(user)
        assert enter(code()).json["recovery_codes"] == []
        assert other.get("/users/me").status_int == 200

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_takes_the_code_of_a_wrong_clock_as_it_is_read(self, enter, code, steps):
        typed = code(steps)
        assert enter(f" {typed[:3]} {typed[3:]}").status_int == 200

    def test_refuses_a_code_of_another_time_and_what_is_none(self, enter, code):
        for wrong in (code(-3), code(3), "000", "12345x", "١٢٣٤٥٦", "1" * 20):
            assert enter(wrong).json == WRONG

    def test_works_once(self, enter, code, confirmed):
        again = problem(409, "The factor is already confirmed.")
        assert enter(code()).json == again

    def test_is_throttled_and_forgets_it_in_time(self, enter, code, db):
        statuses = [enter(code(9)).status_int for _ in range(11)]
        assert statuses == [422] * 10 + [429]
        assert enter(code()).status_int == 429
        db.execute(update(Throttle).values(expires=now()))
        assert enter(code()).status_int == 200


class TestFreshness:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", f"{FACTORS}totp"),
            ("POST", f"{FACTORS}passkey-options"),
            ("POST", CODES),
            ("DELETE", FACTORS + "{id}"),
        ],
    )
    def test_is_asked_for_by_each_change(
        self, caller, an_hour_later, user, add_totp, method, path
    ):
        factor, _ = add_totp(user)
        an_hour_later()
        body = {"json": {}} if path.endswith("totp") else {}
        url = caller.prefix + path.format(id=factor.id)
        answer = caller.call(method, url, **body)
        assert answer.json == STALE
        assert answer.headers["WWW-Authenticate"].endswith("max_age=900")


class TestRemove:
    @pytest.mark.parametrize("is_last", [True, False])
    def test_of_the_last_one_takes_the_codes_along(
        self, confirmed, caller, add_totp, user, db, is_last
    ):
        if not is_last:
            add_totp(user, name="Tablet")
        path = f"{FACTORS}{confirmed['factor']['id']}"
        assert caller.delete(path).status_int == 204
        left = 0 if is_last else 10
        assert caller.get(CODES).json == {"left": left}
        assert len(db.scalars(select(RecoveryCode)).all()) == left

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


def test_name_is_changed(caller, user, add_totp):
    factor, _ = add_totp(user)
    answer = caller.patch(f"{FACTORS}{factor.id}", [replace("name", "Old phone")])
    assert answer.json == detail(name="Old phone")


class TestRecoveryCodes:
    def test_are_replaced(self, confirmed, caller, usable):
        created = caller.post(CODES)
        assert created.status_int == 201
        assert usable(created.json["recovery_codes"]) == 10
        assert usable(confirmed["recovery_codes"]) == 0

    def test_need_a_factor(self, caller):
        refused = problem(409, "The account has no second factor.")
        assert caller.post(CODES).json == refused


class TestAudit:
    def test_tells_each_change_once(self, confirmed, caller, user, events):
        about = f"factor:{confirmed['factor']['id']}"
        caller.post(CODES)
        caller.delete(f"{FACTORS}{confirmed['factor']['id']}")
        assert [(each["action"], each["target"]) for each in events()] == [
            ("factor_created", about),
            ("factor_confirmed", f"user:{user.id} {about}"),
            ("recovery_codes_created", "recovery_code"),
            ("factor_deleted", about),
        ]

    def test_tells_what_an_administrator_removes(
        self, api, make_user, confirmed, caller, user, acts
    ):
        admin = make_user("admin")
        client, path = api(admin), f"/users/{user.id}/factors/"
        assert len(client.get(path).json) == 1
        assert client.delete(path).status_int == 204
        assert client.get(path).json == []
        assert caller.get("/users/me").status_int == 401
        target = f"user:{user.id} factor:{confirmed['factor']['id']}"
        assert acts("factors_removed") == [(admin.id, target)]


def test_nothing_is_left_of_a_user(db, user, totp):
    db.delete(db.get(User, user.id))
    db.flush()
    assert db.scalars(select(Factor)).all() == []
