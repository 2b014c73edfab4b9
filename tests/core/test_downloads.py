"""Files that are sent: in parts, under conditions, by names that all clients read."""

import os
from email.utils import formatdate

import pytest
from openapi_spec_validator import validate
from pyramid.authorization import Allow

from apiserver.core.endpoints import returns_content, send_file
from apiserver.core.endpoints.downloads import attachment
from apiserver.core.tree import ANYONE, Permission, Resource
from tests.client import Client
from tests.core.serve import serve
from tests.problems import problem

BODY = b"0123456789"
WRITTEN = 1_780_000_000
DATE = formatdate(WRITTEN, usegmt=True)
LATER, EARLIER = (formatdate(WRITTEN + s, usegmt=True) for s in (1, -1))
PATH = "/report"
ETAG = f'"{WRITTEN * 10**9:x}-{len(BODY):x}"'


class ReportPermission(Permission):
    READ = ("report:read", None, "See the report.")


class ReportNode(Resource):
    __acl__ = [(Allow, ANYONE, [ReportPermission.READ])]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The folder with the file that is sent, and an empty one."""
    folder = tmp_path_factory.mktemp("files")
    for name, body in (("report", BODY), ("empty", b"")):
        (folder / name).write_bytes(body)
        os.utime(folder / name, (WRITTEN, WRITTEN))
    return folder


def sending(path):
    def download(request):
        return send_file(request, path, name="a.txt", media_type="text/plain")

    return download


@pytest.fixture(scope="module")
def client(make_core_app, files):
    def feature(config):
        returns = returns_content("text/plain")
        for name in ("report", "empty"):
            config.add_node(name, ReportNode)
            view = sending(files / name)
            serve(config, f"/{name}", ReportPermission.READ, returns=returns, get=view)

    return Client(make_core_app(feature))


def got(response):
    return (
        response.status_int,
        response.body,
        response.headers.get("Content-Range"),
        response.headers["Content-Length"],
    )


ALL = (200, BODY, None, "10")


class TestRange:
    @pytest.mark.parametrize(
        ("wanted", "body", "place"),
        [
            ("bytes=0-0", b"0", "0-0"),
            ("bytes=2-4", b"234", "2-4"),
            ("bytes=8-", b"89", "8-9"),
            ("bytes=8-99999", b"89", "8-9"),
            ("bytes=-3", b"789", "7-9"),
            ("bytes=-99999", BODY, "0-9"),
            ("BYTES=2-4", b"234", "2-4"),
        ],
    )
    def test_is_the_part_that_is_sent(self, client, wanted, body, place):
        response = client.get(PATH, headers={"Range": wanted})
        assert got(response) == (206, body, f"bytes {place}/10", str(len(body)))
        assert response.headers["ETag"] == ETAG

    @pytest.mark.parametrize(
        "wanted",
        [
            *("bytes=0-1,4-5", "bytes=4-2", "bytes=-", "bytes=a-b", "bytes=--1"),
            *("items=0-1", "bytes", f"bytes=0-{'9' * 5000}", ""),
        ],
    )
    def test_that_is_several_or_junk_gets_all(self, client, wanted):
        assert got(client.get(PATH, headers={"Range": wanted})) == ALL

    @pytest.mark.parametrize(
        ("path", "wanted", "size"),
        [
            (PATH, "bytes=10-", 10),
            (PATH, "bytes=99-100", 10),
            (PATH, "bytes=-0", 10),
            ("/empty", "bytes=0-", 0),
            ("/empty", "bytes=-5", 0),
        ],
    )
    def test_without_a_byte_is_refused(self, client, path, wanted, size):
        response = client.get(path, headers={"Range": wanted})
        sentence = f"The file has {size} bytes, and none in this range."
        assert response.json == problem(416, sentence)
        assert response.headers["Content-Range"] == f"bytes */{size}"

    def test_is_not_for_head(self, client):
        response = client.head(PATH, headers={"Range": "bytes=0-0"})
        assert got(response) == (200, b"", None, "10")

    @pytest.mark.parametrize(
        ("version", "status"),
        [(ETAG, 206), ('"other"', 200), (f"W/{ETAG}", 200), (DATE, 200), ("", 200)],
    )
    def test_is_sent_of_the_same_version_alone(self, client, version, status):
        headers = {"Range": "bytes=0-0", "If-Range": version}
        assert client.get(PATH, headers=headers).status_int == status


CONDITIONS = [
    *(({"If-None-Match": each}, 304) for each in (ETAG, f'"a", W/{ETAG}', "*")),
    ({"If-None-Match": '"a"'}, 200),
    ({"If-None-Match": '"a"', "If-Modified-Since": DATE}, 200),
    *(({"If-Modified-Since": each}, 304) for each in (DATE, LATER)),
    *(({"If-Modified-Since": each}, 200) for each in (EARLIER, "yesterday")),
    ({"If-Modified-Since": "Sat, 31 Dec 99999 23:59:59 GMT"}, 200),
    *(({"If-Match": each}, 200) for each in (ETAG, "*")),
    *(({"If-Match": each}, 412) for each in ('"a"', f"W/{ETAG}")),
    *(({"If-Unmodified-Since": each}, 200) for each in (DATE, "junk")),
    ({"If-Unmodified-Since": EARLIER}, 412),
    ({"If-Match": ETAG, "If-Unmodified-Since": EARLIER}, 200),
]


class TestConditions:
    @pytest.mark.parametrize(("headers", "status"), CONDITIONS)
    def test_are_those_of_http(self, client, headers, status):
        for method in (client.get, client.head):
            response = method(PATH, headers=headers)
            assert response.status_int == status
            if status == 304:
                sent = {n: response.headers[n] for n in ("ETag", "Last-Modified")}
                assert sent == {"ETag": ETAG, "Last-Modified": DATE}
                assert response.body == b""

    def test_come_before_the_range(self, client):
        headers = {"If-None-Match": ETAG, "Range": "bytes=99-"}
        assert client.get(PATH, headers=headers).status_int == 304


class TestName:
    @pytest.mark.parametrize(
        ("name", "plain", "encoded"),
        [
            ("a.txt", "a.txt", "a.txt"),
            ("Übersicht.pdf", "Ubersicht.pdf", "%C3%9Cbersicht.pdf"),
            ('a"b\\c.txt', "a_b_c.txt", "a%22b%5Cc.txt"),
            ("100%41.txt", "100_41.txt", "100%2541.txt"),
            ("報告.pdf", "__.pdf", "%E5%A0%B1%E5%91%8A.pdf"),
            ("תקציר.pdf", "_____.pdf", "%D7%AA%D7%A7%D7%A6%D7%99%D7%A8.pdf"),
            ("a;b, c=d'.txt", "a;b, c=d'.txt", "a%3Bb%2C%20c%3Dd%27.txt"),
            ("../a\r\nX: b", ".._a__X: b", "..%2Fa%0D%0AX%3A%20b"),
            ("ﬁ½.txt", "fi12.txt", "%EF%AC%81%C2%BD.txt"),
        ],
    )
    def test_is_sent_in_both_forms(self, name, plain, encoded):
        assert attachment(name) == (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
        )


class TestDocuments:
    def test_say_what_can_be_asked_for(self, client):
        document = client.get("/openapi.json").json
        validate(document)
        operation = document["paths"][PATH]["get"]
        assert [each["name"] for each in operation["parameters"]] == [
            *("Range", "If-Range", "If-None-Match", "If-Modified-Since"),
            *("If-Match", "If-Unmodified-Since"),
        ]
        responses = operation["responses"]
        assert {"200", "206", "304", "412", "416"} <= set(responses)
        assert responses["206"]["content"] == responses["200"]["content"]
        assert responses["206"]["headers"]["Content-Range"]["required"] is True
        assert responses["416"]["headers"]["Content-Range"]["required"] is True

    def test_are_followed_across_origins(self, client):
        registry = client.app.registry
        assert {"Range", "If-Range"} <= set(registry.taken_headers.split(", "))
        exposed = set(registry.exposed_headers.split(", "))
        assert {"Content-Disposition", "Content-Range", "ETag"} <= exposed
