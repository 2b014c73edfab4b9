"""The recipes: all are listed; limits and roles."""

from types import SimpleNamespace

import pytest

from apiserver.core.tree import SecurityPolicy
from tests.client import Client
from tests.core.things import identity
from tests.markdown import as_shipped, links
from tests.recipes.documents import RECIPES, recipe


@as_shipped
class TestList:
    def test_is_complete(self):
        names = {path.name for path in RECIPES.glob("*.md")} - {"README.md"}
        assert set(links(RECIPES / "README.md")) == names


class TestRateLimit:
    @pytest.fixture
    def client(self, serve_recipe):
        return Client(serve_recipe("rate-limit"))

    def test_lets_two_pass_and_says_when_to_come_again(self, client):
        answers = [client.post("/exports/") for _ in range(3)]
        assert [answer.status_int for answer in answers] == [204, 204, 429]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60

    def test_is_documented(self, client):
        document = client.get("/openapi.json").json
        assert "429" in document["paths"]["/exports/"]["post"]["responses"]


class TestOwnRole:
    @pytest.fixture
    def clients(self, serve_recipe):
        """The clients of Ada, who is an auditor, and of Bob."""

        class Policy(SecurityPolicy):
            def identity(self, request):
                name = request.headers.get("X-Caller")
                scopes = frozenset(("invoices:read",))
                caller = identity(name)
                user = SimpleNamespace(id=name)
                return caller._replace(scopes=scopes, user=user)

        auditors = recipe("own-role").module("auditors")
        policy = auditors.AuditorPolicy(Policy(), lambda user: user.id == "ada")
        return Client(serve_recipe("own-role", policy))

    @pytest.mark.parametrize(("name", "status"), [("ada", 204), ("bob", 403)])
    def test_is_granted_what_others_are_not(self, clients, name, status):
        answer = clients.get("/invoices/", headers={"X-Caller": name})
        assert answer.status_int == status

    def test_is_named_in_words(self, clients):
        answer = clients.get("/invoices/", headers={"X-Caller": "bob"})
        assert answer.json["detail"] == "Only auditors and administrators may do this."
        operation = clients.get("/swagger.json").json["paths"]["/invoices/"]["get"]
        assert "Auditors and administrators." in operation["description"]
