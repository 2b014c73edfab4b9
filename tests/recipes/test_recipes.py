"""The recipes: their code, executed as it stands in the documents."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from apiserver.core.security import SecurityPolicy
from apiserver.core.services import ApiService
from tests.client import Client
from tests.core.conftest import make_core_app
from tests.core.things import identity
from tests.markdown import ROOT, blocks, links

__all__ = ["make_core_app"]

RECIPES = ROOT / "docs/recipes"


@pytest.fixture
def recipe(monkeypatch):
    """A function that makes the module of a recipe's code."""

    def make(name):
        document = RECIPES / f"{name}.md"
        (text,) = [b.text for b in blocks(document) if b.language == "python"]
        module = ModuleType(f"recipe_{name.replace('-', '_')}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(text, document, "exec"), vars(module))  # noqa: S102 (our own)
        return module

    return make


def including(module, policy=None):
    """Return the feature of a recipe, with the endpoints that scan would find."""

    def feature(config):
        if policy is not None:
            config.set_security_policy(policy)
        module.feature(config)
        for each in vars(module).values():
            if isinstance(each, ApiService):
                config.add_cornice_service(each)

    return feature


class TestList:
    def test_is_complete(self):
        names = {path.name for path in RECIPES.glob("*.md")} - {"README.md"}
        assert set(links(RECIPES / "README.md")) == names


class TestRateLimit:
    @pytest.fixture
    def client(self, recipe, make_core_app):
        return Client(make_core_app(including(recipe("rate-limit"))))

    def test_lets_two_pass_and_says_when_to_come_again(self, client):
        answers = [client.post("/reports/") for _ in range(3)]
        assert [answer.status_int for answer in answers] == [204, 204, 429]
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60

    def test_is_documented(self, client):
        document = client.get("/openapi.json").json
        assert "429" in document["paths"]["/reports/"]["post"]["responses"]


class TestOwnRole:
    @pytest.fixture
    def clients(self, recipe, make_core_app):
        """The clients of Ada, who is an auditor, and of Bob."""
        module = recipe("own-role")

        class Policy(SecurityPolicy):
            def identity(self, request):
                name = request.headers.get("X-Caller")
                scopes = frozenset(("invoices:read",))
                caller = identity(name)
                user = SimpleNamespace(id=name)
                return module.replace(caller, scopes=scopes, user=user)

        policy = module.with_auditors(Policy, lambda user: user.id == "ada")
        app = make_core_app(including(module, policy()))
        return Client(app)

    @pytest.mark.parametrize(("name", "status"), [("ada", 204), ("bob", 403)])
    def test_is_granted_what_others_are_not(self, clients, name, status):
        answer = clients.get("/invoices/", headers={"X-Caller": name})
        assert answer.status_int == status

    def test_is_named_in_words(self, clients):
        answer = clients.get("/invoices/", headers={"X-Caller": "bob"})
        assert answer.json["detail"] == "Only for auditors and administrators."
        operation = clients.get("/swagger.json").json["paths"]["/invoices/"]["get"]
        assert "Auditors and administrators." in operation["description"]
