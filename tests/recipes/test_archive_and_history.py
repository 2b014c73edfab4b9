"""The recipe of contracts, which are archived and have a history."""

from dataclasses import replace
from unittest.mock import ANY

import pytest

from apiserver.core.tree import global_roles
from tests.client import Client
from tests.recipes.callers import ADA, BOB, CallerPolicy

ARCHIVED = "/contracts/?archived=true"


class AdminPolicy(CallerPolicy):
    """Ada is an administrator."""

    def identity(self, request):
        identity = super().identity(request)
        if identity is None or identity.user_id != 1:
            return identity
        return replace(
            identity, roles=global_roles(user=True, admin=True, internal=False)
        )


@pytest.fixture
def client(serve_recipe):
    client = Client(serve_recipe("archive-and-history", AdminPolicy()))
    client.post("/contracts/", {"number": "A-17"}, headers=BOB)
    return client


def change(client, **fields):
    patch = [
        {"op": "replace", "path": f"/{name}", "value": value}
        for name, value in fields.items()
    ]
    return client.patch("/contracts/1", patch, headers=BOB)


def entry(number, field, before, after):
    return {
        "id": number,
        "created": ANY,
        "actor_id": 2,
        "client_id": "client",
        "field": field,
        "before": before,
        "after": after,
    }


def test_contract_is_put_away_and_taken_out(client):
    contract = {"id": 1, "number": "A-17", "ends_on": None}
    archived = {**contract, "archived": ANY, "archived_by": 2}
    live = {**contract, "archived": None, "archived_by": None}
    assert client.get("/contracts/", headers=BOB).json == [live]
    assert client.post("/contracts/1/archive", headers=BOB).json == archived
    assert client.get("/contracts/", headers=BOB).json == []
    assert client.get(ARCHIVED, headers=BOB).json == [archived]
    assert change(client, number="A-18").status_int == 409
    assert client.post("/contracts/1/restore", headers=BOB).json == live


def test_history_says_who_has_changed_what(client):
    change(client, number="A-18", ends_on="2026-12-31")
    change(client, ends_on=None)
    assert client.get("/contracts/1/history/", headers=ADA).json == [
        entry(1, "number", "A-17", "A-18"),
        entry(2, "ends_on", None, "2026-12-31"),
        entry(3, "ends_on", "2026-12-31", None),
    ]


def test_history_is_for_administrators(client):
    answer = client.get("/contracts/1/history/", headers=BOB)
    assert answer.status_int == 403
    assert answer.json["detail"] == "Only administrators may do this."
