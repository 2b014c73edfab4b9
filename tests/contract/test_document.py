"""The contract itself: it finds each way in which an answer can differ."""

import pytest
from pyramid.authorization import Allow

from apiserver.core.endpoints import ApiService, ResponseSchema
from apiserver.core.http import Response
from apiserver.core.schemas import Object, Text, Whole
from apiserver.core.tree import ANYONE, Permission, Resource
from tests.client import Client
from tests.contract.document import Contract, Deviation

JSON = ("Content-Type", "application/json")
NO_STORE = ("Cache-Control", "no-store")
PAGES = ("X-Pages", "7")


class LiePermission(Permission):
    TELL = ("lie:tell", None, "Tell a lie.")


class LieCollection(Resource):
    __acl__ = [(Allow, ANYONE, [LiePermission.TELL])]


class Lie(Object):
    """What is said."""

    word = Text(1, 5)


class Query(Object):
    number = Whole(0, 9, missing=0)


def lies(config):
    """Include the feature; ``registry.answer`` is what it answers."""
    service = ApiService("lies", "/lies/")
    pages = Whole(0, 9, description="How many there are.")
    declaration = {
        "permission": LiePermission.TELL,
        "response_schemas": {"200": ResponseSchema("Lies.", Lie, {"X-Pages": pages})},
    }

    @service.get(takes=Query, **declaration)
    def hear_lie(request):
        """Hear a lie."""
        return request.registry.answer

    @service.post(takes=Lie, **declaration)
    def tell_lie(request):
        """Tell a lie."""
        return request.registry.answer

    config.add_node("lies", LieCollection)
    config.add_cornice_service(service)


@pytest.fixture(scope="module")
def lying_app(make_core_app):
    return make_core_app(lies)


@pytest.fixture
def answer(lying_app):
    """A function that sends a request, and says how it is to be answered."""

    def send(content, *headers, status=200, method="GET", query="", **kw):
        lying_app.registry.answer = Response(
            status=status, body=content, headerlist=list(headers)
        )
        return Client(lying_app).call(method, f"/api/v1/lies/{query}", **kw)

    return send


@pytest.fixture
def narrowed(lying_app):
    """A contract that allows less than the application takes."""
    document = Client(lying_app).get("/openapi.json").json
    document["components"]["schemas"]["Lie"]["properties"]["word"]["maxLength"] = 3
    document["paths"]["/lies/"]["get"]["parameters"][0]["schema"]["maximum"] = 5
    return Contract(document, "/api/v1")


def deviations(contract, response):
    return list(contract.deviations(response.request, response))


YES = b'{"word": "yes"}'
HEADERS = (JSON, NO_STORE, PAGES)
TRUTH = (YES, *HEADERS)
HTML = ("Content-Type", "text/html")

LIES = {
    "body: Additional properties are not allowed": (
        b'{"word": "yes", "secret": 1}',
        *HEADERS,
    ),
    'body: "word" is a required property': (b"{}", *HEADERS),
    "body at /word: 1 is not of type": (b'{"word": 1}', *HEADERS),
    "is no JSON": (b"yes", *HEADERS),
    "is text/html, and not application/json": (YES, HTML, NO_STORE, PAGES),
    "lacks the header Cache-Control": (YES, JSON, PAGES),
    "lacks the header X-Pages": (YES, JSON, NO_STORE),
    "X-Pages: 'many' is no integer": (YES, JSON, NO_STORE, ("X-Pages", "many")),
    "has the header X-Debug, which is not documented": (*TRUTH, ("X-Debug", "1")),
}


class TestAnswer:
    def test_that_is_as_documented_passes(self, answer):
        assert answer(*TRUTH).json == {"word": "yes"}
        assert answer(*TRUTH, method="HEAD").body == b""

    @pytest.mark.parametrize("deviation", LIES)
    def test_that_is_another_one_is_found(self, answer, deviation):
        with pytest.raises(Deviation) as raised:
            answer(*LIES[deviation])
        heading, *lines = str(raised.value).splitlines()
        assert heading == (
            "The answer 200 OK to GET /api/v1/lies/ is not what the document says:"
        )
        assert len(lines) == 1
        assert deviation in lines[0]

    @pytest.mark.parametrize("status", [201, 404])
    def test_of_another_status_is_found(self, answer, status):
        with pytest.raises(Deviation, match="the status is not documented"):
            answer(*TRUTH, status=status)

    def test_to_head_has_the_headers_of_get(self, answer):
        with pytest.raises(Deviation, match="lacks the header X-Pages"):
            answer(*TRUTH[:3], method="HEAD")

    def test_that_is_an_error_has_its_status_in_the_body(self, answer):
        problem = (
            b'{"type": "about:blank", "title": "", "status": 403, "detail": "", '
            b'"request_id": ""}'
        )
        media_type = ("Content-Type", "application/problem+json")
        with pytest.raises(Deviation, match="another status in its body"):
            answer(problem, media_type, NO_STORE, status=400)


class TestRequest:
    """More is accepted than a document says that was narrowed after the fact."""

    def test_has_the_documented_query(self, answer, narrowed):
        assert deviations(narrowed, answer(*TRUTH, query="?number=5")) == []
        assert deviations(narrowed, answer(*TRUTH, query="?number=9")) == [
            "accepted, though number: 9 is greater than the maximum of 5"
        ]
        (parameter,) = narrowed.document["paths"]["/lies/"]["get"]["parameters"]
        parameter["name"] = "count"
        narrowed.accepted.cache_clear()
        assert deviations(narrowed, answer(*TRUTH, query="?number=5")) == [
            "accepted, though the parameter number is not documented"
        ]

    def test_has_the_documented_body(self, answer, narrowed):
        response = answer(*TRUTH, method="POST", json={"word": "four"})
        (deviation,) = deviations(narrowed, response)
        assert "accepted, though body at /word" in deviation
        operation = narrowed.document["paths"]["/lies/"]["post"]
        content = operation["requestBody"]["content"]
        content["text/plain"] = content.pop("application/json")
        narrowed.accepted.cache_clear()
        assert deviations(narrowed, response) == [
            "accepted, though a body of application/json is not documented"
        ]


class TestPath:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/nowhere", 404),
            ("GET", "/api/v1/nowhere", 404),
            ("DELETE", "/api/v1/lies/", 405),
            ("GET", "/api/v1/lies", 308),
            ("GET", "/%00", 400),
            ("GET", "/api/v1/", 200),
            ("DELETE", "/api/v1/", 405),
        ],
    )
    def test_without_an_operation_has_a_contract(self, lying_app, method, path, status):
        assert Client(lying_app).call(method, path).status_int == status
