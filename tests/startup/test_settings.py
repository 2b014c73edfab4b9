"""Settings that can't be right: each is refused by its name."""

import errno
import os
import socket

import pytest

from apiserver.core.db.engines import psycopg_arguments
from apiserver.core.settings import origins
from apiserver.core.settings.environment import from_environment
from apiserver.core.settings.urls import http_url, issuer
from apiserver.ops.addresses import networks
from apiserver.ops.listening import check, reason_of
from apiserver.ops.rate_limit import rate, storage
from tests.startup.conftest import MAKING

CORS = "http://a.example https://b.example:8443 http://[::1]:5000 app://x * null"


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        *[
            (issuer, value)
            for value in (
                *("https://api.example.com", "https://example.com/api"),
                *("https://example.com:8443", "https://[2001:db8::1]"),
                *("https://192.0.2.1", "http://127.0.0.1:5000"),
                *("http://localhost", "http://[::1]:5000"),
            )
        ],
        (http_url, ""),
        (http_url, "http://127.0.0.1:5000/verify?x=1"),
        (storage, "redis://user:secret@127.0.0.1:6379/15"),
        (storage, ""),
    ],
)
def test_right_ones_are_taken(parse, value):
    assert parse(value) == value


def test_lists_may_have_commas():
    assert origins(CORS) == tuple(CORS.split())
    assert origins(CORS.replace(" ", ", ")) == tuple(CORS.split())
    assert networks("10.0.0.0/8, ::1") == networks("10.0.0.0/8\n::1")
    assert [str(each) for each in networks("127.0.0.1")] == ["127.0.0.1/32"]


@pytest.mark.parametrize(
    ("parse", "values"),
    [
        (
            issuer,
            """http://example.com https:// https://a/ https://a?b https://a# https://a?
            https://a:0 https://a:99999 https://a:b https://a: https://u@a ftp://a
            https://u:p@a https://[::1 https://[::g] https://[fe80::1%25eth0] https://A
            https://[0:0::1] https://1.2.3 https://1.2.3.256 https://a..b https://-a
            https://a/../b https://a//b https://a\\b https://\xe4.example HTTPS://a""",
        ),
        (
            origins,
            """a.example https://a.example/ https://a.example/path https://A.example
            HTTPS://a.example https://a.example:443 http://a.example:80 https://*.example
            https://a.example:99999 https://a?b https://a#b https://u@a https:// //a
            http://[::0:1] https://\xe4.example ** file://""",
        ),
        (http_url, "a.example ftp://a.example http:// https://u:p@a"),
        (networks, "10.0.0.1/8 10.0.0.0/33 example.com ::ffff:10.0.0.0/104 1.2.3 *"),
        (rate, "0/minute 10/fortnight 10/minutexyz 10 -1/minute ten/minute 10/0minute"),
        (
            storage,
            """memcached://a redis redis:/x redis://a/x foo:// async+redis://a
            postgresql://a""",
        ),
    ],
)
def test_wrong_ones_are_refused(parse, values):
    for value in values.split():
        with pytest.raises(ValueError, match=r"^must "):
            parse(value)


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        (issuer, "https://a b"),
        (rate, "10/second; 100/hour"),
        (rate, "10/second, 100/hour"),
        (rate, "10 per 0 minutes"),
    ],
)
def test_wrong_ones_with_spaces_are_refused(parse, value):
    with pytest.raises(ValueError, match=r"^must "):
        parse(value)


class TestDoors:
    @pytest.mark.parametrize("name", MAKING)
    def test_say_what_is_wrong(self, door, settings, name):
        said = door(name, settings(features="users nonsense"))
        assert said.startswith(
            "The setting apiserver.features contains nonsense, which is unknown; the "
            "features are "
        )

    @pytest.mark.parametrize(
        ("setting", "value", "sentence"),
        [
            ("signup", "ajar", "must be one of open, verified, approval, closed."),
            ("prepare_database", "perhaps", "must be true or false."),
            ("oauth2_access_token_lifetime", "-1", "must be a positive number of "),
            ("issuer", "https://a:99999", "must have a valid host and port"),
            ("cors_origins", "https://a.example/", "must end with the host or port"),
            ("rate_limit", "10/second; 100/hour", "must be one positive number"),
            ("api_prefix", "/auth", "must not begin with /auth, which is reserved."),
            ("api_prefix", "/metrics/x", "must not begin with /metrics, which is "),
            ("pool_size", "0", "must be a positive number."),
            ("pool_size", "1000000000", "must be at most 1000."),
            ("statement_timeout", "9999999999", "must be at most 2000000."),
            ("hashing_threads", "100000", "must be at most 1000."),
            ("title", "", "must not be empty."),
            ("title", "a\x07b", "must be one line without control characters."),
            ("documentation_client_id", "a b", "must be one word of ASCII characters."),
            ("captcha_url", "nonsense", "must begin with a scheme, such as https://."),
            ("metrics_allow", "10.0.0.1/8", "must have the network 10.0.0.0/8, not "),
        ],
    )
    def test_know_the_others(self, door, settings, setting, value, sentence):
        said = door("pserve", settings(**{setting: value}))
        assert said.startswith(f"The setting apiserver.{setting} {sentence}")

    def test_refuse_a_captcha_without_its_secret(self, door, settings):
        said = door("pserve", settings(captcha="static", captcha_secret=""))
        assert said.startswith(
            "apiserver.captcha = static, but apiserver.captcha_secret is missing: "
        )

    def test_keep_the_password_of_redis(self, door, settings):
        url = "redis://:secret@127.0.0.1:port/0"
        said = door("pserve", settings(rate_limit="1/second", rate_limit_storage=url))
        assert said.startswith("apiserver.rate_limit_storage can't be used: ")
        assert "secret" not in said


class TestServer:
    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"threads": "0"}, "option threads must be an integer of at least 1."),
            ({"threads": "many"}, "option threads must be an integer of at least 1."),
            ({"thread": "4"}, "The server has no option thread."),
            ({"drain_seconds": "nan"}, "drain_seconds must be a number of seconds"),
            ({"drain_seconds": "soon"}, "drain_seconds must be a number of seconds"),
            ({"worker": "maybe"}, "option worker must be true or false."),
            ({"listen": ""}, "The server's option listen is empty"),
            ({"listen": "127.0.0.1:99999"}, "99999 is not a port"),
            ({"listen": "127.0.0.1:http"}, "http is not a port"),
            (
                {"host": "127.0.0.1"},
                "The server can't be created: host or port may not",
            ),
            ({"listen": "host.invalid:0"}, "host.invalid:0: there is no such host."),
            ({"listen": "192.0.2.1:0"}, "this machine does not have that address."),
            ({"listen": "[2001:db8::1]:0"}, "this machine does not have that address."),
            ({"listen": "192.0.2.1"}, "Can't listen on 192.0.2.1: this machine does"),
        ],
    )
    def test_has_options_that_work(self, door, settings, options, sentence):
        server = {"listen": "127.0.0.1:0", **options}
        assert sentence in door("pserve", settings(server=server.items()))

    def test_has_its_port_for_itself(self, door, settings):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            said = door("pserve", settings(server={"listen": address}.items()))
        assert said == (
            f"Can't listen on {address}: the address is in use; stop what uses it, or "
            "use another port (make run PORT=5001)."
        )

    def test_needs_no_port_beside_a_socket_of_the_system(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            check({"unix_socket": "/run/api.sock", "listen": listen})

    @pytest.mark.parametrize(
        ("error", "port", "reason"),
        [
            (errno.EADDRINUSE, 5001, "another port (make run PORT=5002)"),
            (errno.EACCES, 80, "ports below 1024 require root"),
            (errno.EMFILE, 80, "Too many open files"),
        ],
    )
    def test_says_what_else_keeps_it_from_listening(self, error, port, reason):
        assert reason_of(OSError(error, os.strerror(error)), port).endswith(reason)


class TestEnvironment:
    def test_has_no_white_space_around_values(self, tmp_path):
        secret, url = tmp_path / "secret", tmp_path / "url"
        secret.write_text("\ufeff s3 \n", "utf-8")
        url.write_text("sqlite://\n")
        environ = {
            "DATABASE_URL_FILE": str(url),
            "APISERVER_SIGNUP": "\tclosed ",
            "APISERVER_CAPTCHA_SECRET_FILE": f" {secret} ",
            "APISERVER_TITLE_FILE": " ",
        }
        assert from_environment({"sqlalchemy.url": "x"}, environ) == {
            "sqlalchemy.url": "sqlite://",
            "apiserver.signup": "closed",
            "apiserver.captcha_secret": "s3",
        }

    @pytest.mark.parametrize(
        "names",
        [
            ("APISERVER_TITLE", "APISERVER_TITLE_FILE"),
            ("APISERVER_TITLE", "APISERVER_title"),
            ("DATABASE_URL", "DATABASE_URL_FILE"),
        ],
    )
    def test_says_each_setting_once(self, names, tmp_path):
        value = tmp_path / "value"
        value.write_text("sqlite://")
        with pytest.raises(Exception, match="are both set: keep only one"):
            from_environment({}, dict.fromkeys(names, str(value)))

    def test_may_have_options_of_postgresql(self, monkeypatch):
        monkeypatch.setenv("PGOPTIONS", "-c search_path=own")
        monkeypatch.setenv("PGCONNECT_TIMEOUT", "7")
        arguments = psycopg_arguments(30, {})
        assert arguments["options"] == (
            "-c statement_timeout=30s -c search_path=own -c timezone=utc "
            "-c apiserver.options=on"
        )
        assert arguments["connect_timeout"] == "7"
        given = {"options": "-c search_path=other", "connect_timeout": "9"}
        arguments = psycopg_arguments(30, given)
        assert "search_path=other" in arguments["options"]
        assert "search_path=own" not in arguments["options"]
        assert arguments["connect_timeout"] == "9"
