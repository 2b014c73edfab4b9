"""The random values that tokens and secrets are (RFC 6749 section 10.10)."""

import base64
import string

import pytest

from apiserver.auth.tokens import (
    ACCESS,
    CODE,
    CONSENT,
    REFRESH,
    SECRET,
    SESSION,
    is_token,
    make_token,
)

NUMBER = 20_000
PREFIXES = (ACCESS, REFRESH, CODE, SECRET, SESSION, CONSENT)


def random_part(token):
    return base64.urlsafe_b64decode(token[4:47] + "=")


class TestMakeToken:
    @pytest.mark.rfc("6749", "10.10", "MUST", "tokens aren't guessed: they are random")
    @pytest.mark.rfc("6819", "5.1.4.2.2", "MUST", "256 bits of a secret are random")
    def test_256_bits_are_random(self):
        """Each bit is set in half of the tokens, give or take six deviations."""
        tokens = {make_token(ACCESS) for _ in range(NUMBER)}
        assert len(tokens) == NUMBER
        ones = [0] * 256
        for token in tokens:
            value = int.from_bytes(random_part(token), "big")
            for bit, char in enumerate(f"{value:0256b}"):
                ones[bit] += char == "1"
        deviation = NUMBER**0.5 / 2
        assert all(abs(count - NUMBER / 2) < 6 * deviation for count in ones)

    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_its_form_is_that_of_its_kind(self, prefix):
        token = make_token(prefix)
        assert len(token) == 55
        assert set(token) <= {*string.ascii_letters, *string.digits, "-", "_"}
        assert [is_token(token, other) for other in PREFIXES] == [
            other == prefix for other in PREFIXES
        ]


class TestIsToken:
    def test_every_mistyped_character_is_noticed(self):
        token = make_token(ACCESS)
        for index in range(len(token)):
            for char in "x0-é ":
                mistyped = token[:index] + char + token[index + 1 :]
                assert is_token(mistyped, ACCESS) == (mistyped == token)

    @pytest.mark.parametrize("garbage", ["", ACCESS, ACCESS + "a" * 51, "\0" * 55])
    def test_garbage_is_none(self, garbage):
        assert not is_token(garbage, ACCESS)

    def test_nothing_may_be_around_it(self):
        token = make_token(ACCESS)
        for around in (f"{token}\n", f" {token}", f"{token} ", token + token):
            assert not is_token(around, ACCESS)
