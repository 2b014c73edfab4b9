"""The page about differences: what it says to clients, a test holds."""

import pytest

from tests.markdown import ROOT, as_shipped
from tests.test_security_page import is_test

PAGE = ROOT / "docs/differences.md"

HELD = {
    "404 if there is no such object": "core/test_traversal.py::TestPath::"
    "test_to_nothing_is_404_before_the_scope_is_looked_at",
    "401 with `invalid_token`, as everywhere": "conformance/test_rfc6750.py::"
    "TestChallenge::test_invalid_token_where_none_is_needed",
    "`true` and `false`; 422 for others": "core/test_forms.py::TestForm::"
    "test_names_what_is_wrong",
    "it lists all methods of the endpoint": "core/test_tweens.py::TestPreflight::"
    "test_is_answered_before_anything_is_looked_up",
    "new users are active, regular users immediately": "users/test_signup.py::"
    "TestCreateUser::test_answers_the_new_user",
    "an administrator activates them first": "users/test_signup.py::TestSignupSetting::"
    "test_approval_makes_users_that_an_administrator_activates",
    "Signing in ignores the case": "conformance/test_rfc6749_password.py::"
    "TestPassword::test_each_spelling_of_the_name_is_taken",
    "Reactivating a user": "users/test_roles.py::TestEffect::"
    "test_activation_brings_no_token_back",
    "or re-enabling a client": "auth/test_clients.py::TestEndOfClient::"
    "test_that_is_disabled_is_so_for_what_was_granted_before",
    "A new client is confidential": "auth/test_clients.py::TestCreateClient::"
    "test_gets_what_is_asked_for",
    "There are no tokens without scopes": "conformance/test_rfc6749_scope.py::"
    "TestNothingToGive::test_client_credentials",
    "Every error of the OAuth2 endpoints": "auth/test_errors.py::TestRefusedRequest::"
    "test_is_an_invalid_request",
    "Redirect URIs are registered": "auth/test_redirects.py::TestMeaning::"
    "test_is_the_same_string_but_for_the_port_of_a_loopback",
    "Revocation always requires `POST` and a form": "auth/test_token_compatibility.py::"
    "TestOtherEndpoints::test_take_post_alone",
}


@as_shipped
@pytest.mark.parametrize("sentence", HELD)
class TestSentence:
    def test_is_on_the_page(self, sentence):
        assert sentence in " ".join(PAGE.read_text("utf-8").split())

    def test_is_held_by_a_test_that_exists(self, sentence):
        assert is_test(HELD[sentence])
