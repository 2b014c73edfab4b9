"""Operations that demand a recent or a strong sign-in, and roles that need one."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from apiserver.core.db import now
from apiserver.core.endpoints import ApiService
from apiserver.core.tree import (
    ADMIN,
    USER,
    Identity,
    Permission,
    Resource,
    SecurityPolicy,
    global_roles,
)
from tests.client import Client
from tests.problems import problem

STRONG = "https://example.com/strong"
CHALLENGE = 'Bearer realm="apiserver", error="insufficient_user_authentication", '
OLD = problem(401, "This requires a more recent sign-in.")
WEAK = problem(401, "This requires a stronger sign-in.")
OLD_CHALLENGE = (
    f'{CHALLENGE}error_description="This requires a more recent sign-in.", max_age=60'
)
WEAK_CHALLENGE = (
    f'{CHALLENGE}error_description="This requires a stronger sign-in.", '
    f'acr_values="{STRONG}"'
)


class VaultPermission(Permission):
    OPEN = ("vault:open", None, "Open the vault.")


class Vault(Resource):
    __acl__ = [("Allow", USER, [VaultPermission.OPEN])]


class Safe(Resource):
    """For administrators alone."""


def identity(*, ago=None, acr=(), user_id=1, withheld=(), admin=False):
    roles = global_roles(user=user_id is not None, admin=admin, internal=False)
    return Identity(
        user=SimpleNamespace(id=user_id) if user_id is not None else None,
        client_id="client",
        scopes=frozenset(),
        roles=roles - frozenset(withheld),
        read_only=False,
        auth_time=now() - timedelta(seconds=ago) if ago is not None else None,
        acr_values=frozenset(acr),
        withheld=frozenset(withheld),
        lacking=STRONG if withheld else None,
    )


CALLERS = {
    "lately": lambda: identity(ago=30, acr=[STRONG]),
    "long ago": lambda: identity(ago=90, acr=[STRONG]),
    "at some time": lambda: identity(acr=[STRONG]),
    "weakly": lambda: identity(ago=30),
    "weakly, long ago": lambda: identity(ago=90),
    "as administrator": lambda: identity(admin=True),
    "weakly as administrator": lambda: identity(withheld=[ADMIN]),
    "too weakly": lambda: identity(withheld=[ADMIN, USER]),
}


class CallerPolicy(SecurityPolicy):
    def identity(self, request):
        caller = CALLERS.get(request.headers.get("X-Caller", ""))
        return caller and caller()


def vaults(config):
    config.set_security_policy(CallerPolicy())
    config.add_setting("vault_patience", int, "60")
    config.add_node("vault", Vault)
    config.add_node("safe", Safe)
    vault, safe = ApiService("vault", "/vault"), ApiService("safe", "/safe")

    def open_vault(request):
        """Open it."""

    def open_safe(request):
        """Open it."""

    opens = {"permission": VaultPermission.OPEN}
    vault.get(**opens, fresh=60)(open_vault)
    vault.post(**opens, fresh="vault_patience", acr=STRONG)(open_vault)
    safe.get(**opens)(open_safe)
    for service in (vault, safe):
        config.add_cornice_service(service)


@pytest.fixture(scope="module")
def client(make_core_app):
    return Client(make_core_app(vaults))


@pytest.fixture(scope="module")
def call(client):
    """A function that returns status, document and challenge of an answer."""

    def send(caller, method="GET", path="/vault"):
        headers = {"X-Caller": caller}
        response = client.call(method, client.prefix + path, headers=headers)
        document = response.json if response.body else None
        challenge = response.headers.get("WWW-Authenticate")
        return response.status_int, document, challenge

    return send


DONE = (204, None, None)


class TestDemand:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_lets_a_recent_and_strong_sign_in_pass(self, call, method):
        assert call("lately", method) == DONE

    @pytest.mark.parametrize("caller", ["long ago", "at some time", "weakly, long ago"])
    def test_refuses_an_old_one(self, call, caller):
        assert call(caller) == (401, OLD, OLD_CHALLENGE)

    @pytest.mark.parametrize("caller", ["weakly", "weakly, long ago"])
    def test_refuses_a_weak_one_and_says_how_old_another_may_be(self, call, caller):
        challenge = f"{WEAK_CHALLENGE}, max_age=60"
        assert call(caller, "POST") == (401, WEAK, challenge)

    def test_is_no_matter_of_what_anybody_may(self, call):
        """Who may not do it at all isn't asked to sign in again."""
        sentence = "Only administrators may do this."
        assert call("long ago", path="/safe") == (403, problem(403, sentence), None)

    def test_says_nothing_of_options(self, client):
        path, headers = "/api/v1/vault", {"X-Caller": "long ago"}
        response = client.call("OPTIONS", path, headers=headers)
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


class TestWithheldRole:
    def test_is_what_a_stronger_sign_in_is_asked_for(self, call):
        assert call("as administrator", path="/safe") == DONE
        refused = (401, WEAK, WEAK_CHALLENGE)
        assert call("weakly as administrator", path="/safe") == refused

    def test_may_be_that_of_every_user(self, call):
        assert call("too weakly") == (401, WEAK, WEAK_CHALLENGE)


class TestDocument:
    def test_says_how_to_have_signed_in(self, client):
        operation = client.get("/openapi.json").json["paths"]["/vault"]["post"]
        assert (operation["x-max-age"], operation["x-acr"]) == (60, STRONG)
        assert operation["description"].endswith(
            "Users must have signed in within the last 60 seconds and to the "
            f"authentication context class `{STRONG}`; if not, 401 says so (RFC 9470)."
        )
        refusal = operation["responses"]["401"]["content"]["application/problem+json"]
        details = [each["value"]["detail"] for each in refusal["examples"].values()]
        assert details[-1] == WEAK["detail"]

    def test_is_silent_of_what_is_not_demanded(self, client):
        operation = client.get("/openapi.json").json["paths"]["/safe"]["get"]
        assert {"x-max-age", "x-acr"}.isdisjoint(operation)
        assert "signed in" not in operation["description"]
