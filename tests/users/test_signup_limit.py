"""How many sign up from one address: each costs a hash, for which others wait."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from apiserver.users import hashing
from tests.client import Client
from tests.factories import HASHER, PASSWORD_DIGEST
from tests.networks import from_address
from tests.users.accounts import LOCKED, newcomer


class TestAddress:
    @pytest.fixture
    def limited(self, shared_app):
        return shared_app(signup_attempts_per_address="3")

    @pytest.fixture
    def sign_up(self, api, limited):
        """A function that signs up from an address, from which three may."""
        api(app=limited)

        def call(address="192.0.2.1", **fields):
            client = Client(from_address(limited, address))
            return client.post("/users/", newcomer(**fields))

        return call

    def test_signs_up_so_often(self, sign_up):
        statuses = [sign_up().status_int for _ in range(5)]
        assert statuses == [201, 201, 201, 429, 429]
        refused = sign_up()
        assert refused.json == LOCKED
        assert 840 < int(refused.headers["Retry-After"]) <= 900
        assert sign_up("192.0.2.2").status_int == 201

    def test_of_ipv6_is_a_network(self, sign_up):
        many = [f"2001:db8::{number}" for number in range(4)]
        assert [sign_up(a).status_int for a in many] == [201, 201, 201, 429]
        assert sign_up("2001:db8:0:1::").status_int == 201

    def test_counts_what_is_refused_but_not_what_is_malformed(self, sign_up):
        assert {sign_up(username="").status_int for _ in range(4)} == {422}
        refused = [
            sign_up(recaptcha_key="wrong"),
            sign_up(password="aaaaaaaaaaaa"),
            sign_up(username="somebody", password="somebody knows it well"),
        ]
        assert [r.status_int for r in refused] == [403, 422, 422]
        assert sign_up().status_int == 429

    def test_is_not_counted_for_administrators(self, api, limited, admin):
        client = api(admin, app=limited)
        statuses = [client.post("/users/", newcomer()).status_int for _ in range(5)]
        assert statuses == [201] * 5


def test_many_at_once_hash_as_often_as_one_address_may(
    make_pure_app, make_database, monkeypatch
):
    """60 of them: all others leave the gate to those who sign in."""
    app = make_pure_app(make_database(), signup_attempts_per_address="5")
    hashed = []

    class Counted(type(HASHER)):
        def hash(self, *args, **kw):
            hashed.append(args)
            return PASSWORD_DIGEST

    monkeypatch.setattr(hashing, "HASHER", Counted())
    client = Client(app)
    with ThreadPoolExecutor(20) as threads:
        calls = [newcomer() for _ in range(60)]
        answers = list(threads.map(lambda c: client.post("/users/", c), calls))
    statuses = [answer.status_int for answer in answers]
    assert (statuses.count(201), statuses.count(429)) == (5, 55)
    assert len(hashed) == 5
