"""Hypothesis plays people with their mailboxes against a small model of accounts.

The model knows of each account its address, its password, its factors and so on, and of
each link that was mailed what it is for. After every step each access token works
exactly as long as the model says, and no two accounts share an address. It has a part
for each feature; mails are those that ``apiserver.mail`` shows.
"""

import os
from importlib import import_module
from itertools import combinations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lifecycle.world import World
from tests.settings import SHIPPED

# More lives find more, and other ones each time: TEST_EXAMPLES=100.
MORE = os.environ.get("TEST_EXAMPLES")
EXAMPLES = int(MORE or "6")
PARTS = {
    "addresses": "Addresses",
    "password_resets": "PasswordResets",
    "account": "Deletions",
    "invitations": "Invitations",
    "factors": "Factors",
}
THERE = tuple(feature for feature in PARTS if feature in SHIPPED.split())
# The fewer rules there are, the further a life gets in them.
GROUPS = {" ".join(each): each for each in [*combinations(THERE, 2), THERE]}
# A deletion goes with all else, and there is little time.
QUICK = [name for name in GROUPS if "account" in name]


def machine(features):
    """Return the class of the model with the parts of these features."""
    parts = [
        getattr(import_module(f"tests.lifecycle.{feature}"), PARTS[feature])
        for feature in features
    ]
    return type("Machine", (*parts, World), {})


def play(app, features, **limits):
    kind = machine(features)
    run_state_machine_as_test(
        lambda: kind(app),
        settings=settings(
            deadline=None,
            database=None,
            derandomize=not MORE,
            suppress_health_check=list(HealthCheck),
            **limits,
        ),
    )


@pytest.fixture
def app(shared_app):
    return shared_app(signup="verified", captcha="off", captcha_secret="")


class TestModel:
    @pytest.mark.parametrize("features", QUICK)
    def test_server_and_model_agree(self, app, features):
        play(app, GROUPS[features], max_examples=3, stateful_step_count=10)

    @pytest.mark.slow
    @pytest.mark.parametrize("features", GROUPS)
    def test_server_and_model_agree_for_long(self, app, features):
        play(app, GROUPS[features], max_examples=EXAMPLES, stateful_step_count=20)
