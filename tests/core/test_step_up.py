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
from tests.core.serve import serve
from tests.problems import problem

STRONG = "https://example.com/strong"
CHALLENGE = 'Bearer realm="apiserver", error="insufficient_user_authentication", '


class VaultPermission(Permission):
    OPEN = ("vault:open", None, "Open the vault.")


DONE = (204, None, None)


def refusal(sentence, *more):
    """Return status, document and challenge of an answer that refuses."""
    said = ", ".join([f'{CHALLENGE}error_description="{sentence}"', *more])
    return 401, problem(401, sentence), said


OLD = refusal("This requires a more recent sign-in.", "max_age=60")
WEAK_WORDS = ("This requires a stronger sign-in.", f'acr_values="{STRONG}"')
WEAK = refusal(*WEAK_WORDS)
WEAK_AND_OLD = refusal(*WEAK_WORDS, "max_age=60")


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
    opens = {"permission": VaultPermission.OPEN}
    vault = ApiService("vault", "/vault")
    vault.get(**opens, fresh=60)(open_it)
    vault.post(**opens, fresh="vault_patience", acr=STRONG)(open_it)
    config.add_cornice_service(vault)
    serve(config, "/safe", VaultPermission.OPEN, get=open_it)


def open_it(request):
    """Open it."""


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


class TestDemand:
    @pytest.mark.parametrize(
        ("caller", "method", "answer"),
        [
            ("lately", "GET", DONE),
            ("lately", "POST", DONE),
            ("long ago", "GET", OLD),
            ("at some time", "GET", OLD),
            ("weakly, long ago", "GET", OLD),
            # Which says how old another one may be.
            ("weakly", "POST", WEAK_AND_OLD),
            ("weakly, long ago", "POST", WEAK_AND_OLD),
        ],
    )
    def test_is_a_recent_or_strong_sign_in(self, call, caller, method, answer):
        assert call(caller, method) == answer

    def test_is_no_matter_of_what_anybody_may(self, call):
        """Who may not do it at all isn't asked to sign in again."""
        sentence = "Only administrators may do this."
        assert call("long ago", path="/safe") == (403, problem(403, sentence), None)

    def test_says_nothing_of_options(self, client):
        response = client.options("/vault", headers={"X-Caller": "long ago"})
        assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_withheld_role_is_what_a_stronger_sign_in_is_asked_for(call):
    assert call("as administrator", path="/safe") == DONE
    assert call("weakly as administrator", path="/safe") == WEAK
    assert call("too weakly") == WEAK


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
        assert details[-1] == WEAK_WORDS[0]

    def test_is_silent_of_what_is_not_demanded(self, client):
        operation = client.get("/openapi.json").json["paths"]["/safe"]["get"]
        assert {"x-max-age", "x-acr"}.isdisjoint(operation)
        assert "signed in" not in operation["description"]
