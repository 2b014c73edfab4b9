"""RFC 7636: proof key for code exchange, by S256 alone."""

import pytest

from apiserver.auth.models import OAuth2Code
from apiserver.auth.tokens import digest
from tests.conformance.flow import (
    VERIFIER,
    assert_refused,
    challenge,
    exchange,
    get_code,
)
from tests.oauth_errors import invalid_grant

rfc = pytest.mark.rfc

MISSING, MALFORMED, WRONG = (
    f"The code_verifier {what}."
    for what in ("is missing", "is malformed", "does not match")
)
REFUSED = {
    MISSING: [None, ""],
    MALFORMED: [
        *("a" * 42, "a" * 129, "é" * 43, " " * 43, "=" * 43, f"{'a' * 43}\n"),
        *(f"{'a' * 42}{odd}" for odd in "=+"),
        "\N{FULLWIDTH DIGIT ONE}" * 43,
    ],
    WRONG: [VERIFIER[:-1], VERIFIER.lower(), challenge()],
}


class TestExchange:
    @rfc("7636", "4.6", "MUST", "the verifier is compared with the challenge")
    @pytest.mark.parametrize("verifier", ["a" * 43, "-._~" * 32, "Z9" * 40])
    def test_right_verifier_is_taken(self, server, browser, client, verifier):
        code = get_code(browser, client, code_challenge=challenge(verifier))
        response = exchange(server, client, code, code_verifier=verifier)
        assert response.status_code == 200

    @rfc("7636", "4.1", "MUST", "a verifier is 43 to 128 unreserved characters")
    @rfc("7636", "4.5", "REQUIRED", "the token request has the verifier")
    @rfc("7636", "4.6", "MUST", "a wrong verifier: invalid_grant")
    @rfc("7636", "7.1", "SHOULD", "nobody gets to guess: a code is tried once")
    @rfc("ASVS", "10.4.6", "L2", "the verifier is required")
    @pytest.mark.parametrize("description", REFUSED)
    def test_another_verifier_uses_up_the_code(
        self, server, browser, client, description
    ):
        for verifier in REFUSED[description]:
            code = get_code(browser, client)
            response = exchange(server, client, code, code_verifier=verifier)
            assert_refused(response, invalid_grant(description))
            response = exchange(server, client, code)
            assert response.json()["error"] == "invalid_grant"

    @rfc("7636", "4.6", "MUST", "the challenge is the code's, not the caller's")
    def test_challenge_can_not_be_supplied(self, server, browser, client):
        verifier = "a" * 43
        code = get_code(browser, client)
        more = {"code_challenge": challenge(verifier), "code_challenge_method": "plain"}
        response = exchange(server, client, code, code_verifier=verifier, **more)
        assert response.json()["error"] == "invalid_grant"

    @rfc("9700", "4.8.2", "MUST", "no downgrade: a code without a challenge is no good")
    @pytest.mark.parametrize("verifier", [VERIFIER, None, "", "a" * 43])
    def test_code_without_challenge_is_refused(
        self, server, browser, client, change, verifier
    ):
        code = get_code(browser, client)
        change(OAuth2Code.digest == digest(code), code_challenge="")
        response = exchange(server, client, code, code_verifier=verifier)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_grant"
