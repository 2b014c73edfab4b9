"""Secrets of apps in the database, and the keys by which they are read again."""

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.factors import sealing
from tests.factors.accounts import code_of

OLD, NEW = "b" * 43 + "=", "c" * 43 + "="


class TestSeal:
    def test_can_be_read_by_any_of_the_keys(self):
        sealed = sealing.seal((OLD,), "secret", user_id=1)
        assert "secret" not in sealed
        assert sealing.unseal((NEW, OLD), sealed, user_id=1) == "secret"
        resealed = sealing.reseal((NEW, OLD), sealed)
        assert sealing.unseal((NEW,), resealed, user_id=1) == "secret"

    def test_is_of_one_user(self):
        """Whoever writes to the database can't give it to an account of his own."""
        sealed = sealing.seal((OLD,), "secret", user_id=1)
        assert sealing.unseal((OLD,), sealed, user_id=11) is None

    def test_says_in_the_log_that_a_key_is_missing(self, caplog):
        sealed = sealing.seal((OLD,), "secret", user_id=1)
        assert sealing.unseal((NEW,), sealed, user_id=1) is None
        said = "No key of apiserver.factors_key fits a factor of user 1"
        assert [record.getMessage() for record in caplog.records] == [said]


class TestKey:
    @pytest.mark.parametrize("key", ["key", "a" * 44, OLD[:-4], f"{OLD} key"])
    def test_is_one_of_fernet(self, make_app, database_url, key):
        with pytest.raises(ConfigurationError, match="32 bytes in URL-safe base64"):
            make_app(database_url, factors_key=key)

    def test_that_is_lost_makes_no_code_right(self, api, shared_app, user, add_totp):
        factor, app = add_totp(user, confirmed=False)
        other = shared_app(factors_key=NEW)
        path = f"/users/me/factors/{factor.id}/confirmation"
        assert api(user, app=other).post(path, {"code": code_of(app)}).status_int == 422
