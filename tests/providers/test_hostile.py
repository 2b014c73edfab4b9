"""Providers that lie, are slow, or answer what is none: nobody is signed in by them."""

import logging
import threading
import time
from base64 import urlsafe_b64encode

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from apiserver.auth.models import BrowserSession
from apiserver.providers import talking
from apiserver.providers.models import UnlinkedIdentity
from apiserver.providers.openid import OpenIDClient
from tests.events import event
from tests.providers.conftest import START, refused
from tests.providers.issuer import CLIENT_SECRET, new_key, query_of
from tests.providers.test_sign_in import NEW
from tests.users.provider import drips, redirects, says, waits_for, writes

DENIED = "Acme did not sign you in. Try again, or sign in otherwise."
SILENT = "Acme is not responding right now. Try again later, or sign in otherwise."
METADATA = "/.well-known/openid-configuration"
OTHER_KEY = new_key()
# What else may come from a server is said of captchas.
ANSWERS = {
    "500": says(b"{}", status=500),
    "list": says(b"[]"),
    "page": says(b"<html>"),
    "too long": says(b'{"a": "' + b" " * 256 * 1024 + b'"}'),
    "hangs up": writes(b""),
}


def signed_by(key, **header):
    return lambda claims: jwt.encode(header, claims, key)


def unsigned(claims):
    parts = (orjson.dumps(each) for each in ({"alg": "none"}, claims))
    header, payload = (urlsafe_b64encode(p).decode().rstrip("=") for p in parts)
    return f"{header}.{payload}."


TOKENS = {
    "unsigned": unsigned,
    "signed by the secret": signed_by(
        OctKey.import_key(CLIENT_SECRET * 2), alg="HS256"
    ),
    "signed by another key": signed_by(OTHER_KEY, alg="RS256", kid=OTHER_KEY.kid),
    "garbage": lambda claims: "a.b.c",
    "empty": lambda claims: "",
    "nested": lambda claims: "W" * 60_000 + ".e30.x",
    "no text": lambda claims: {"a": 1},
}
CLAIMS = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": ""},
    "another client": {"aud": "theirs"},
    "several clients": {"aud": ["our-client", "theirs"]},
    "for another": {"azp": "theirs"},
    "no client": {"aud": ""},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": ""},
    "expired": {"exp": int(time.time()) - 120},
    "no end": {"exp": ""},
    "no number": {"exp": "tomorrow"},
    "not yet": {"nbf": int(time.time()) + 3600},
    "no subject": {"sub": ""},
    "a number": {"sub": 7},
    "a long subject": {"sub": "a" * 256},
    "no ASCII": {"sub": "ä"},
    "a line feed": {"sub": "a\nb"},
    "another access token": {"at_hash": "x"},
}


@pytest.fixture
def denied(person, db):
    """A function that comes back, and is signed in nowhere."""

    def come_back(status=403, sentence=DENIED):
        assert refused(person.come_back(), status, sentence)
        assert db.scalars(select(BrowserSession)).all() == []
        assert db.scalars(select(UnlinkedIdentity)).all() == []

    return come_back


def is_silent(person):
    """Whether somebody who sets out learns that nobody answers there."""
    return refused(person.call("GET", START.format("acme")), 503, SILENT)


class TestIDToken:
    @pytest.mark.parametrize("token", [*TOKENS, "signed by a key of its name"])
    def test_is_signed_by_the_provider(self, denied, provider, token):
        named = signed_by(OTHER_KEY, alg="RS256", kid=provider.key.kid)
        provider.sign = TOKENS.get(token, named)
        denied()

    @pytest.mark.parametrize("claims", CLAIMS)
    def test_is_for_this_sign_in(self, denied, provider, claims):
        provider.claims |= CLAIMS[claims]
        denied()

    def test_may_be_signed_by_a_new_key(self, person, provider):
        assert person.come_back().headers["Location"] == NEW
        provider.key = new_key()
        assert person.come_back().headers["Location"] == NEW

    def test_may_be_signed_by_one_of_many_keys(self, person, provider):
        own = provider.key.as_dict(private=False)
        keys = [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"}, own]
        provider.answers["/keys"] = says(orjson.dumps({"keys": keys}))
        assert person.come_back().headers["Location"] == NEW

    def test_failure_is_an_event(self, denied, provider, events):
        provider.claims |= {"nonce": "x"}
        denied()
        assert events()[-1] == event("sign_in", "failure", target="provider:acme")


class TestUserinfo:
    def test_has_what_the_id_token_lacks(self, person, provider):
        provider.told = {**provider.claims, "email": "me@example.com"}
        provider.claims = {"sub": "a1"}
        person.come_back()
        assert "me@example.com" in person.call("GET", NEW).text

    def test_is_about_the_same_user(self, denied, provider):
        provider.told = {"sub": "b2", "email": "me@example.com"}
        provider.claims = {"sub": "a1"}
        denied()


class TestResponse:
    def callback(self, person, changes):
        callback = person.agree(person.set_out())
        query = {**query_of(callback), **changes}
        text = "&".join(f"{name}={each}" for name, each in query.items() if each)
        return person.call("GET", f"{START.format('acme')}/callback?{text}")

    @pytest.mark.parametrize(
        "changes",
        [
            {"error": "access_denied"},
            {"error": "server_error", "code": ""},
            {"code": ""},
            {"code": "guessed"},
            {"code": "%C3%A4"},
            {"iss": "https://evil.example"},
        ],
    )
    def test_that_proves_nothing(self, person, provider, changes):
        assert refused(self.callback(person, changes), 403, DENIED)

    def test_names_its_issuer(self, person, provider):
        """RFC 9207 section 2.4."""
        provider.metadata["authorization_response_iss_parameter_supported"] = True
        assert self.callback(person, {}).status_int == 403
        answer = self.callback(person, {"iss": provider.url})
        assert answer.headers["Location"] == NEW


class TestSilence:
    @pytest.mark.parametrize(
        ("path", "answer"),
        [
            *(("/me", answer) for answer in ANSWERS),
            *((path, "page") for path in (METADATA, "/token", "/keys")),
        ],
    )
    def test_signs_nobody_in(self, person, denied, provider, path, answer):
        provider.claims.pop("email")
        provider.answers[path] = ANSWERS[answer]
        if path == METADATA:
            assert is_silent(person)
        else:
            denied(503, SILENT)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_redirects_are_not_followed(self, denied, provider, status):
        provider.answers["/token"] = redirects(status, f"{provider.url}/elsewhere")
        denied(503, SILENT)
        assert "/elsewhere" not in provider.asked

    def test_slowness_is_waited_for_so_long(self, person, provider, monkeypatch):
        monkeypatch.setattr(talking, "TIMEOUT", 0.1)
        for answer in (waits_for, drips):
            over = threading.Event()
            provider.answers[METADATA] = answer(over)
            assert is_silent(person)
            over.set()

    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://evil.example"},
            {"token_endpoint": "http://169.254.169.254/latest"},
            {"token_endpoint": "file:///etc/passwd"},
            {"token_endpoint": "https://user:password@example.com/"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"authorization_endpoint": "/authorize"},
            {"jwks_uri": 7},
            {"jwks_uri": None},
        ],
    )
    def test_metadata_leads_nowhere_else(self, person, provider, metadata):
        provider.metadata = metadata
        assert is_silent(person)

    def test_is_logged_without_what_was_sent(self, person, provider, caplog):
        provider.answers["/token"] = says(b"our code, our secret", status=500)
        with caplog.at_level(logging.INFO, logger="apiserver"):
            person.come_back()
        [told] = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
        assert told == "The provider acme has failed: the response has status 500"
        token = orjson.dumps({"access_token": "its\ncode", "id_token": "x"})
        provider.answers["/token"] = says(token)
        provider.answers["/keys"] = writes(b"garbage code\r\n\r\n")
        with caplog.at_level(logging.INFO, logger="apiserver"):
            assert person.come_back().status_int == 503
        texts = [record.getMessage() for record in caplog.records]
        assert not [each for each in texts if "code" in each or CLIENT_SECRET in each]


def test_plain_http_is_for_issuers_of_this_machine(app):
    provider = app.registry.provider_clients["acme"].provider
    client = OpenIDClient(provider._replace(issuer="https://id.example.com"))
    with pytest.raises(talking.Unreachable, match="isn't https"):
        client.session.check("http://127.0.0.1:1/token")
