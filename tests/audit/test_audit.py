"""The audit log, as administrators read it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.audit.places import KEY
from tests.paging import follow

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def client(api, make_user):
    return api(make_user("admin"))


def targets(response):
    return [event["target"] for event in response.json]


class TestList:
    def test_shows_what_was_done(self, client, make):
        event = make(created=MOMENT)
        assert client.get("/audit/").json == [
            {
                "id": event.id,
                "created": "2026-03-01T00:00:00+00:00",
                "action": "user_changed",
                "result": "success",
                "actor_id": 7,
                "client_id": "documentation",
                "grant_id": 3,
                "target": "user:7 email",
                "request_id": KEY,
                "address": "192.0.2.7",
            }
        ]

    def test_shows_the_newest_first_page_by_page(self, client, make):
        for name, moment in (("a", MOMENT), ("b", MOMENT + DAY), ("c", MOMENT)):
            make(created=moment, target=name)
        first = client.get("/audit/?limit=2")
        assert targets(first) == ["b", "c"]
        # What is written meanwhile moves nothing.
        make(created=MOMENT + 2 * DAY, target="d")
        assert targets(client.call("GET", follow(first, "next"))) == ["a"]
        assert targets(client.get("/audit/?sort=created")) == ["a", "c", "b", "d"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("target=user:7", ["user:7", "user:7 email"]),
            ("target=user:70", ["user:70 email"]),
            ("target=user:7%20email", []),
            ("created_from=2026-03-02T00:00:00Z", ["user:70 email", "c"]),
            ("created_until=2026-03-02T00:00:00Z", ["user:7", "user:7 email", "b"]),
            ("actor_id=7&action=sign_in&result=success", []),
        ],
    )
    def test_is_filtered(self, client, make, query, found):
        make(created=MOMENT, action="sign_in", result="failure", target="b")
        make(created=MOMENT)
        make(created=MOMENT, target="user:7")
        make(created=MOMENT + DAY, target="c")
        make(created=MOMENT + DAY, target="user:70 email")
        assert targets(client.get(f"/audit/?{query}")) == found
