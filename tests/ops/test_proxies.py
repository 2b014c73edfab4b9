"""What proxies say of a request: believed of those that are trusted alone."""

import re

import pytest
import webtest
from pyramid.exceptions import ConfigurationError

from tests.client import Client
from tests.networks import from_address
from tests.problems import problem

PROXY, OTHER = "10.1.2.3", "192.0.2.1"
CALLER = "203.0.113.7"
# How proxies write the caller's address; tests/core/test_addresses.py has more.
SPELLINGS = [CALLER, f'"{CALLER}"', f"[::ffff:{CALLER}]:80", "::FFFF:cb00:7107"]


@pytest.fixture
def behind(api, shared_app):
    """A function that gives a client whose requests come from an address."""
    app = shared_app(trusted_proxies="10.0.0.0/8 fd00::/8", metrics_allow=CALLER)
    api(app=app)
    return lambda address: Client(from_address(app, address))


def may_read_metrics(client, **headers):
    """Whether the address of the caller is the one that may."""
    return client.call("GET", "/metrics", headers=headers).status_int == 200


def server_of(client, **headers):
    """Return where the document says that the API is."""
    path = "/api/v1/swagger.json"
    return client.call("GET", path, headers=headers).json["basePath"]


class TestAddress:
    @pytest.mark.parametrize("proxy", [PROXY, "fd00::1", f"::ffff:{PROXY}"])
    @pytest.mark.parametrize("said", [CALLER, f"198.51.100.1, {CALLER}", f"{CALLER}:9"])
    def test_is_the_last_that_a_trusted_proxy_names(self, behind, proxy, said):
        assert may_read_metrics(behind(proxy), **{"X-Forwarded-For": said})

    @pytest.mark.parametrize("said", SPELLINGS)
    def test_may_have_any_spelling(self, behind, said):
        headers = {"X-Forwarded-For": f"198.51.100.1, {said}"}
        assert may_read_metrics(behind(PROXY), **headers)

    @pytest.mark.parametrize(
        "said",
        [
            "unknown",
            "_hidden",
            "203.0.113.007",
            "203.0.113.7:",
            "203.0.113.7:port",
            "203.0.113",
            "3405803783",
            "2001:db8::1::2",
            "[2001:db8::1",
            "2001:db8::1]:80",
            f"{CALLER},",
            "é",
            "x" * 5000,
        ],
    )
    def test_that_is_none_is_refused(self, behind, said):
        """It would be counted as that of everybody whom the proxy doesn't know."""
        headers = {"X-Forwarded-For": said.encode().decode("latin-1")}
        response = behind(PROXY).call("GET", "/healthz", headers=headers)
        assert response.status_int == 400
        malformed = problem(400, "The header X-Forwarded-For is malformed.")
        assert response.json == malformed

    def test_may_be_missing(self, behind):
        for headers in ({}, {"X-Forwarded-For": " "}):
            response = behind(PROXY).call("GET", "/healthz", headers=headers)
            assert response.status_int == 200

    def test_is_not_what_was_said_to_the_proxy(self, behind):
        said = f"{CALLER}, 198.51.100.1"
        assert not may_read_metrics(behind(PROXY), **{"X-Forwarded-For": said})

    @pytest.mark.parametrize("address", [OTHER, "", "localhost"])
    def test_is_not_what_others_say(self, behind, address):
        assert not may_read_metrics(behind(address), **{"X-Forwarded-For": CALLER})

    def test_is_nobodys_word_without_the_setting(
        self, api, make_pure_app, database_url
    ):
        app = make_pure_app(database_url, metrics_allow=CALLER)
        api(app=app)
        client = Client(from_address(app, PROXY))
        assert not may_read_metrics(client, **{"X-Forwarded-For": CALLER})


class TestUrl:
    """What features see of the URL that the caller has asked for."""

    @pytest.mark.parametrize(
        ("headers", "url"),
        [
            ({}, "http://localhost"),
            ({"Proto": "https"}, "https://localhost:80"),
            ({"Host": "api.example.com"}, "http://api.example.com"),
            (
                {"Host": "api.example.com", "Port": "8080"},
                "http://api.example.com:8080",
            ),
            ({"Host": "api.example.com", "Proto": "https"}, "https://api.example.com"),
        ],
    )
    @pytest.mark.parametrize("trusted", [True, False])
    def test_is_what_the_proxy_says(self, behind, headers, url, trusted):
        address = PROXY if trusted else OTHER
        said = {f"X-Forwarded-{name}": value for name, value in headers.items()}
        asked = webtest.TestRequest.blank("/healthz", headers=said)
        asked.environ["REMOTE_ADDR"] = address
        asked.get_response(behind(address).app.__wrapped__)
        assert asked.host_url == (url if trusted else "http://localhost")


class TestPrefix:
    @pytest.mark.parametrize("prefix", ["/prefix", "/prefix/"])
    def test_is_where_the_server_is(self, behind, prefix):
        headers = {"X-Forwarded-Prefix": prefix}
        assert server_of(behind(PROXY), **headers) == "/prefix/api/v1"

    def test_is_not_what_others_say(self, behind):
        headers = {"X-Forwarded-Prefix": "/prefix"}
        assert server_of(behind(OTHER), **headers) == "/api/v1"

    def test_may_be_missing(self, behind):
        assert server_of(behind(PROXY)) == "/api/v1"

    @pytest.mark.parametrize(
        "prefix", ["prefix", "//example.com", "/a b", "/%2f", "/é"]
    )
    def test_is_a_plain_path(self, behind, prefix):
        client = behind(PROXY)
        raw = prefix.encode().decode("latin-1")
        response = client.call("GET", "/healthz", headers={"X-Forwarded-Prefix": raw})
        assert response.status_int == 400
        assert response.json == problem(
            400, "The header X-Forwarded-Prefix is malformed."
        )


class TestRequestId:
    NAME = "0123456789abcdef" * 2

    def name_of(self, client, name):
        response = client.call("GET", "/healthz", headers={"X-Request-Id": name})
        return response.headers["X-Request-Id"]

    def test_is_that_of_the_proxy(self, behind):
        assert self.name_of(behind(PROXY), self.NAME) == self.NAME

    @pytest.mark.parametrize("name", ["", "x" * 32, NAME + "0"])
    def test_is_an_own_one_for_anything_else(self, behind, name):
        assert re.fullmatch("[0-9a-f]{32}", self.name_of(behind(PROXY), name))

    def test_is_not_what_others_say(self, behind):
        assert self.name_of(behind(OTHER), self.NAME) != self.NAME


class TestSetting:
    def test_is_of_addresses(self, make_pure_app, database_url):
        with pytest.raises(ConfigurationError, match=r"apiserver\.trusted_proxies"):
            make_pure_app(database_url, trusted_proxies="everybody")
