"""How many requests an address may send."""

import logging

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.core.db.transactions import TRANSACTIONS
from apiserver.core.openapi import own_document
from tests.client import Client
from tests.networks import from_address
from tests.problems import problem


@pytest.fixture
def limited(api, make_pure_app, database_url):
    """A function that makes an application that takes three requests a minute."""

    def make(**settings):
        app = make_pure_app(database_url, rate_limit="3/minute", **settings)
        api(app=app)
        return app

    return make


def statuses(app, number, address="192.0.2.1"):
    client = Client(from_address(app, address))
    return [client.get("/users/signup-form").status_int for _ in range(number)]


class TestRateLimit:
    def test_is_for_each_address(self, limited):
        app = limited()
        assert statuses(app, 5) == [200, 200, 200, 429, 429]
        assert statuses(app, 1, "192.0.2.2") == [200]

    def test_is_for_each_network_of_ipv6(self, limited):
        app = limited()
        many = [f"2001:db8::{number}" for number in range(1, 5)]
        assert [statuses(app, 1, a) for a in many] == [[200]] * 3 + [[429]]
        assert statuses(app, 1, "2001:DB8:0:0:1::") == [429]
        assert statuses(app, 1, "2001:db8:0:1::1") == [200]

    def test_may_be_for_larger_networks(self, limited):
        app = limited(limit_ipv6_prefix="48")
        many = [f"2001:db8:0:{number}::1" for number in range(4)]
        assert [statuses(app, 1, a) for a in many] == [[200]] * 3 + [[429]]

    def test_is_for_an_address_in_whichever_spelling(self, limited):
        app = limited()
        assert statuses(app, 3) == [200] * 3
        assert statuses(app, 1, "::ffff:192.0.2.1") == [429]

    @pytest.mark.parametrize("value", ["0", "129", "/64"])
    def test_network_must_have_a_prefix(self, make_pure_app, database_url, value):
        with pytest.raises(ConfigurationError, match=r"apiserver\.limit_ipv6_prefix"):
            make_pure_app(database_url, limit_ipv6_prefix=value)

    def test_is_told_with_every_answer(self, limited):
        client = Client(limited())
        answers = [client.get("/users/signup-form") for _ in range(4)]
        told = [
            [answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining")]
            for answer in answers
        ]
        assert told == [["3", "2"], ["3", "1"], ["3", "0"], ["3", "0"]]
        assert answers[0].headers["RateLimit-Policy"] == "3;w=60"
        left = answers[3].headers["Retry-After"]
        assert answers[3].headers["RateLimit-Reset"] == left
        assert 0 < int(left) <= 60
        detail = f"Too many requests. Try again in {left} s."
        assert answers[3].json == problem(429, detail)

    def test_is_documented_where_it_is_on(self, app, limited):
        on, off = own_document(limited().registry), own_document(app.registry)
        assert on["x-headers"].keys() - off["x-headers"].keys() == {
            "RateLimit-Policy",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
        }
        for document, documented in ((on, True), (off, False)):
            answers = document["paths"]["/teams/"]["get"]["responses"]
            assert ("429" in answers) == documented
            assert ("429" in document["x-responses"]) == documented

    def test_leaves_a_refusal_the_headers_of_every_answer(self, limited):
        client = Client(limited(cors_origins="*"))
        origin = {"Origin": "https://app.example.com"}
        answers = [client.get("/users/me", headers=origin) for _ in range(4)]
        assert answers[3].status_int == 429
        assert answers[3].headers["X-Request-Id"] == answers[3].json["request_id"]
        assert answers[3].headers["X-Content-Type-Options"] == "nosniff"
        allowed = answers[3].headers["Access-Control-Allow-Origin"]
        assert allowed == origin["Origin"]

    def test_is_not_for_those_who_watch_the_server(self, limited):
        client = Client(limited(metrics_allow="127.0.0.1"))
        paths = ("/healthz", "/readyz", "/metrics") * 5
        answers = [client.call("GET", path) for path in paths]
        assert [answer.status_int for answer in answers].count(429) == 0
        assert all("RateLimit-Limit" not in answer.headers for answer in answers)

    def test_refuses_before_a_transaction_begins(self, limited):
        """It is to cost nothing: no connection, no lock of SQLite."""
        client = Client(limited())
        begun = []
        for _ in range(4):
            before = TRANSACTIONS.manager
            status = client.post("/teams/", {"title": "Engineers"}).status_int
            begun.append((status, TRANSACTIONS.manager is not before))
        assert begun == [(401, True)] * 3 + [(429, False)]


class TestRedis:
    def test_counts_for_all_processes(self, limited, redis_url):
        one = limited(rate_limit_storage=redis_url)
        other = limited(rate_limit_storage=redis_url)
        assert statuses(one, 2) == [200, 200]
        assert statuses(other, 2) == [200, 429]

    def test_counts_networks_of_ipv6(self, limited, redis_url):
        one = limited(rate_limit_storage=redis_url)
        other = limited(rate_limit_storage=redis_url)
        assert statuses(one, 2, "2001:db8::1") == [200, 200]
        assert statuses(other, 2, "2001:DB8:0::2") == [200, 429]

    def test_that_is_away_leaves_each_process_to_itself(self, limited, caplog):
        app = limited(rate_limit_storage="redis://127.0.0.1:1/0")
        with caplog.at_level(logging.WARNING, "apiserver.ops.rate_limit"):
            assert statuses(app, 4) == [200, 200, 200, 429]
        (message,) = caplog.messages
        assert message.startswith("Each process counts requests on its own: ")
