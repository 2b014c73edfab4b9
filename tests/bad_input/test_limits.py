"""Bad input that is large: what a server by production.ini answers, by real HTTP."""

import gzip
import json

import httpx
import pytest
from sqlalchemy.orm import Session

from apiserver.core.db import make_engines
from apiserver.core.http import FORM, JSON, MULTIPART
from tests import factories
from tests.problems import problem
from tests.served import clean_environment, serve
from tests.settings import shipped_ini

pytestmark = pytest.mark.slow

TEAMS = "/api/v1/teams/"
TOKEN = "/auth/oauth2/token"
KIB = 1024
NINES = b"9" * 5000
OPERATION = {"op": "replace", "path": "/title", "value": "Pilots"}

LARGE = "The body has more than 1000 members."
INFINITE = "The body is not JSON: number is infinity when parsed as double."
COMPRESSED = "The body must not be compressed: send no Content-Encoding."
TWICE = "The body has an object with a duplicate name."


def numbered(count):
    return {f"name{number}": number for number in range(count)}


def patch(count):
    return json.dumps([OPERATION] * count).encode()


def fields(count):
    return "&".join(f"name{n}={n}" for n in range(count)).encode()


def parts(count):
    part = '--x\r\nContent-Disposition: form-data; name="name{}"\r\n\r\n1\r\n'
    return "".join(map(part.format, range(count))).encode() + b"--x--\r\n"


# How it is sent, what is sent, and the status and sentence of the answer.
REFUSED = {
    "brackets": ("POST", b"[" * 100_000, 400, LARGE),
    "balanced": ("POST", b"[" * 100_000 + b"]" * 100_000, 400, LARGE),
    "depth": (
        "POST",
        b"[" * 33 + b"]" * 33,
        400,
        "The body is nested more than 32 levels deep.",
    ),
    "operations": ("PATCH", patch(10_000), 400, LARGE),
    "some-operations": ("PATCH", patch(101), 422, "Some values are invalid."),
    "members": ("POST", json.dumps(numbered(1001)).encode(), 400, LARGE),
    "items": ("POST", json.dumps([[0] * 500, [0] * 500]).encode(), 400, LARGE),
    "few-members": (
        "POST",
        json.dumps(numbered(1000)).encode(),
        422,
        "Some values are invalid.",
    ),
    "commas": (
        "POST",
        json.dumps({"title": "," * 2000}).encode(),
        422,
        "Some values are invalid.",
    ),
    "exponent": ("POST", b'{"title":1e400}', 400, INFINITE),
    "integer": ("POST", b'{"title":' + NINES + b"}", 400, INFINITE),
    "patched-integer": (
        "PATCH",
        b'[{"op":"test","path":"/title","value":' + NINES + b"}]",
        400,
        INFINITE,
    ),
    "twice": ("POST", b'{"title":"Pilots","title":"Nurses"}', 400, TWICE),
}
FORMS = {
    "form": (FORM, fields(1001), 400, LARGE),
    "small-form": (FORM, fields(1000), 422, "Some values are invalid."),
    "multipart": (f"{MULTIPART}; boundary=x", parts(1001), 400, LARGE),
}


@pytest.fixture(scope="module")
def http(make_database, tmp_path_factory):
    """A client that is signed in at a server in a process, and has the one team."""
    ini = tmp_path_factory.mktemp("limits") / "own.ini"
    ini.write_text(shipped_ini("production.ini"))
    environment = clean_environment(
        DATABASE_URL=make_database(),
        APISERVER_ISSUER="https://api.example.com",
        APISERVER_PRODUCTION="false",
    )
    engine, _ = make_engines(environment["DATABASE_URL"])
    with Session(engine) as db:
        user = factories.make_user(db)
        team = factories.make_team(db, "Engineers", leaders=[user])
        scopes = ("teams:read", "teams:write")
        token = factories.make_token(db, user, scopes=scopes)
        db.commit()
        path = f"{TEAMS}{team.id}"
    engine.dispose()
    with serve(ini, environment) as url:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            client.team = path
            yield client


@pytest.fixture(autouse=True)
def unchanged(http):
    """The server lives, and there is still the one team, with its title."""
    yield
    answer = http.get(TEAMS)
    assert (answer.status_code, len(answer.json())) == (200, 1)
    assert answer.json()[0]["title"] == "Engineers"


def send(http, method, body, content_type=JSON, **headers):
    path = http.team if method == "PATCH" else TEAMS
    headers["Content-Type"] = content_type
    return http.request(method, path, content=body, headers=headers)


class TestBody:
    @pytest.mark.parametrize("name", REFUSED)
    def test_of_json_is_refused(self, http, name):
        method, body, status, sentence = REFUSED[name]
        answer = send(http, method, body)
        assert answer.status_code == status
        errors = {"errors": answer.json()["errors"]} if status == 422 else {}
        assert answer.json() == problem(status, sentence, **errors)

    @pytest.mark.parametrize("name", FORMS)
    def test_of_a_form_is_refused(self, http, name):
        content_type, body, status, sentence = FORMS[name]
        answer = send(http, "POST", body, content_type)
        assert answer.status_code == status
        errors = {"errors": answer.json()["errors"]} if status == 422 else {}
        assert answer.json() == problem(status, sentence, **errors)

    def test_that_is_no_utf_8_is_refused(self, http):
        answer = send(http, "POST", b'{"title":"\xff"}')
        assert answer.status_code == 400
        assert answer.json() == problem(400)

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity", "x"])
    def test_that_is_compressed_is_refused(self, http, coding):
        body = gzip.compress(b'{"title":"Pilots"}')
        answer = send(http, "POST", body, **{"Content-Encoding": coding})
        assert answer.status_code == 415
        assert answer.json() == problem(415, COMPRESSED)
        assert answer.headers["Accept-Encoding"] == "identity"

    def test_that_says_it_is_not_compressed_is_read(self, http):
        headers = {"Content-Encoding": "Identity"}
        answer = send(http, "POST", b'{"title":""}', **headers)
        assert answer.status_code == 422
        assert answer.reason_phrase == "Unprocessable Content"

    @pytest.mark.parametrize(
        ("path", "length"), [(TEAMS, KIB * KIB), (TOKEN, 64 * KIB)]
    )
    def test_that_is_too_long_is_refused(self, http, path, length):
        for body in (b" " * (length + 1), (b" " * KIB for _ in range(length // 512))):
            headers = {"Content-Type": JSON}
            answer = http.post(path, content=body, headers=headers)
            assert answer.status_code == 413
            assert answer.reason_phrase == "Content Too Large"

    @pytest.mark.parametrize(
        ("path", "length"), [(TEAMS, KIB * KIB), (TOKEN, 64 * KIB)]
    )
    def test_of_the_greatest_length_is_read(self, http, path, length):
        headers = {"Content-Type": "text/plain"}
        answer = http.post(path, content=b" " * length, headers=headers)
        assert answer.status_code == 415


class TestHead:
    def test_that_is_too_long_is_refused(self, http):
        """By waitress itself, in its own words."""
        answer = http.get(TEAMS, headers={"X-Junk": "x" * 64 * KIB})
        assert answer.status_code == 431

    def test_of_60_kib_is_read(self, http):
        assert http.get(TEAMS, headers={"X-Junk": "x" * 60 * KIB}).status_code == 200

    def test_with_a_long_query_is_refused(self, http):
        answer = http.get(f"{TEAMS}?limit={'1' * 8 * KIB}")
        assert answer.status_code == 400
        assert answer.json() == problem(400, "The query is longer than 8192 bytes.")


@pytest.mark.parametrize(
    ("blank", "description"),
    [
        ("   ", "Must not be only whitespace."),
        ("\u3000\u3000\u3000", "Must not be only whitespace."),
        ("\u2028 \u2029", "Must not contain invisible characters."),
    ],
)
class TestWhiteSpace:
    def test_is_no_title(self, http, blank, description):
        error = {"location": "body", "name": "title", "description": description}
        created = http.post(TEAMS, json={"title": blank})
        assert created.status_code == 422
        detail = "Some values are invalid."
        assert created.json() == problem(422, detail, errors=[error])
        patched = http.patch(http.team, json=[{**OPERATION, "value": blank}])
        assert patched.status_code == 422
        assert patched.json() == problem(422, detail, errors=[error])
