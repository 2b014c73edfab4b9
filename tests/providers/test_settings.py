"""The settings of providers: what is refused at the start, in a sentence."""

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.providers import declared
from tests.ops.test_production import refusal

FEATURES = "users auth providers"
WHOLE = {
    "provider_acme_issuer": "https://id.example.com",
    "provider_acme_client_id": "our-client",
    "provider_acme_client_secret": "secret",
}


@pytest.fixture
def make(make_app, database_url):
    def make(names="acme", **settings):
        return make_app(database_url, features=FEATURES, providers=names, **settings)

    return make


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"provider_acme_issuer": ""}, "but apiserver.provider_acme_issuer is missing"),
        (
            {"provider_acme_client_id": "", "provider_acme_client_secret": ""},
            "but apiserver.provider_acme_client_id and "
            "apiserver.provider_acme_client_secret are missing: set what the provider "
            "has given you, or take acme out.",
        ),
        ({"provider_acme_issuer": "http://id.example.com"}, "must be an https URL"),
        ({"provider_acme_issuer": f"https://e.com/{'a' * 200}"}, "at most 200"),
        ({"provider_acme_kind": "saml"}, "must be one of oidc, github"),
        ({"names": "Acme"}, "contains Acme: names are of up to 20 lowercase"),
        ({"names": "a_b"}, "contains a_b: names are of up to 20 lowercase"),
        ({"provider_other_issuer": "https://e.com"}, "Unknown settings"),
    ],
)
def test_are_whole(make, changes, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        make(**{**WHOLE, **changes})


def test_need_authlib(make, monkeypatch):
    monkeypatch.setattr(declared, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError) as raised:
        make(**WHOLE)
    needs = "apiserver.providers needs Authlib: pip install 'apiserver[providers]'."
    assert str(raised.value) == f"The setting {needs}"
    make("")


def test_may_have_an_issuer_with_a_slash_at_its_end(make):
    issuer = "https://tenant.example.com/"
    app = make(**{**WHOLE, "provider_acme_issuer": issuer})
    [provider] = app.registry.providers
    assert (provider.issuer, provider.title) == (issuer, "Acme")


def test_of_github_need_no_issuer(make):
    hub = {"provider_github_client_id": "i", "provider_github_client_secret": "s"}
    app = make("github", provider_github_kind="github", **hub)
    [provider] = app.registry.providers
    assert provider.issuer == "https://github.com"


def test_in_production_need_tls():
    acme = {f"apiserver.{name}": value for name, value in WHOLE.items()}
    acme["apiserver.provider_acme_issuer"] = "http://127.0.0.1:8080"
    said = refusal(**{"apiserver.providers": "acme", **acme})
    assert said[1:] == [
        "* apiserver.provider_acme_issuer is an http URL: give the https URL of the "
        "provider."
    ]


def test_without_providers_no_page_is_there(make):
    app = make("")
    pages = app.registry.pages
    assert [w for w in pages.sign_in_ways if w.route_name.startswith("provider")] == []
    assert "account_providers" not in pages.route_names
