"""Features whose nodes hang below another feature's, and one class at two URLs."""

import pytest
from openapi_spec_validator import validate
from pyramid.exceptions import ConfigurationError
from sqlalchemy import select

from apiserver.core.db import Session
from apiserver.core.endpoints import ApiService
from apiserver.core.lists import Listing
from apiserver.core.tree import Collection, Item, Resource
from tests.core.clubs import (
    TABLES,
    Club,
    ClubCollection,
    ClubResource,
    Event,
    EventCollection,
    EventPermission,
    EventResource,
    Ticket,
    TicketCollection,
    clubs,
    events,
    tickets,
)
from tests.core.tables import empty
from tests.patches import replace
from tests.problems import problem
from tests.recipes.callers import BOB, AdasClient

NO_OBJECT = problem(404, "There is no such object.")
BALL = {"id": 1, "title": "Ball", "club_id": 1}


@pytest.fixture(scope="module")
def app(make_stored_app):
    # In the wrong order: what hangs below may come first.
    return make_stored_app(tickets, events, clubs, tables=TABLES)


@pytest.fixture
def client(app):
    """Ada's, who chairs club 1 with event 1 and ticket 1; Bob's are those of 2."""
    empty(app, *TABLES)
    with Session(app.registry.engine) as session:
        for number, title in ((1, "Ball"), (2, "Fair")):
            session.insert(Club, chair_id=number)
            session.insert(Event, club_id=number, title=title)
            session.insert(Ticket, event_id=number)
        session.commit()
    return AdasClient(app)


@pytest.fixture(params=["/events", "/clubs/1/events"])
def at(request):
    """Where event 1 is, without its id."""
    return request.param


class TestItemAtTwoUrls:
    def test_is_the_same(self, client, at):
        answer = client.get(f"{at}/1", headers=BOB)
        assert (answer.status_int, answer.json) == (200, BALL)
        all_methods = "GET, HEAD, PATCH, DELETE, OPTIONS"
        assert client.options(f"{at}/1").headers["Allow"] == all_methods
        allowed = client.options(f"{at}/1", headers=BOB).headers["Allow"]
        assert allowed == "GET, HEAD, OPTIONS"

    def test_is_of_the_object_above(self, client):
        assert client.get("/events/2").status_int == 200
        for method in ("GET", "HEAD", "PATCH", "DELETE", "OPTIONS"):
            for path in ("/clubs/1/events/2", "/clubs/2/events/1/tickets/1"):
                answer = client.call(method, f"/api/v1{path}", json=[])
                assert answer.status_int in {404, 405}, (method, path)
        assert client.get("/clubs/1/events/2").json == NO_OBJECT

    @pytest.mark.parametrize(
        "path",
        ["/clubs/{}/events/1", "/clubs/1/events/{}", "/clubs/1/events/1/tickets/{}"],
    )
    def test_of_no_such_key_is_not_found(self, client, path):
        for key in (0, "01", "x", 3, 2**63 - 1, 2**63, 10**30):
            assert client.get(path.format(key)).json == NO_OBJECT

    def test_knows_the_roles_of_what_is_above(self, client, at):
        patch = [replace("title", "Dance")]
        refused = client.patch(f"{at}/1", patch, headers=BOB)
        sentence = "Only the chair of the club and administrators may do this."
        assert refused.json == problem(403, sentence)
        answer = client.patch(f"{at}/1", patch)
        assert answer.json == {**BALL, "title": "Dance"}
        assert client.get("/events/1", headers=BOB).json == answer.json

    def test_is_deleted(self, client, app, at):
        empty(app, Ticket)
        assert client.delete(f"{at}/1").status_int == 204
        assert client.get("/events/1").json == NO_OBJECT


class TestBelow:
    def test_creates_below_its_own(self, client):
        answer = client.post("/clubs/1/events/", {"title": "Quiz"})
        assert answer.status_int == 201
        location = answer.headers["Location"]
        assert location == f"/api/v1/clubs/1/events/{answer.json['id']}"
        assert client.call("GET", location, headers=BOB).json == answer.json
        assert client.get("/clubs/1/events/").json == [BALL, answer.json]
        refused = client.post("/clubs/2/events/", {"title": "Quiz"})
        assert refused.status_int == 403

    def test_refuses_a_list_that_knows_nothing_of_the_object_above(self):
        tickets = Listing(select(Ticket.id), by=Ticket.id)
        with pytest.raises(TypeError, match=r"Below /{club_id} a list must refer to"):
            tickets.below("club_id", given=False)
        assert tickets.below("club_id", given=True) is tickets

    def test_lists_what_is_below_alone(self, client):
        fair = {"id": 2, "title": "Fair", "club_id": 2}
        for path, found in (
            ("/events/", [BALL, fair]),
            ("/events/?mine=true", [BALL]),
            ("/events/?mine=false", [fair]),
            ("/clubs/2/events/?mine=true", []),
            ("/clubs/1/events/", [BALL]),
            ("/clubs/2/events/", [fair]),
        ):
            answer = client.get(path)
            assert answer.json == found
            assert answer.headers["X-Total-Count"] == str(len(found))

    def test_reaches_three_levels_deep(self, client):
        path = "/clubs/1/events/1/tickets/1"
        assert client.get(path).json == {"id": 1, "event_id": 1}
        assert client.get(path, headers=BOB).status_int == 403
        assert client.get("/clubs/1/events/1/tickets/2").status_int == 404

    def test_is_of_its_application_alone(self, make_core_app):
        registry = make_core_app(clubs).registry
        assert set(registry.tree[ClubResource]) == {"rules"}
        assert set(ClubResource.children) == {"rules"}

    def test_reaches_what_inherits(self, make_core_app):
        class Version2(ClubResource):
            children = {"logo": Resource}

        class Clubs2(ClubCollection):
            item = Version2

        def include(config):
            config.add_node("clubs2", Clubs2)
            config.add_node("events", EventCollection, below=ClubResource)

        registry = make_core_app(include).registry
        assert registry.tree[Version2] == {"logo": Resource, "events": EventCollection}


class TestDocument:
    @pytest.fixture
    def document(self, client):
        validate(client.get("/swagger.json").json)
        document = client.get("/openapi.json").json
        validate(document)
        return document

    def test_has_the_tag_of_the_feature(self, document):
        tags = {
            path: each["get"]["tags"]
            for path, each in document["paths"].items()
            if "get" in each
        }
        assert tags == {
            "/clubs/{club_id}": ["clubs"],
            "/clubs/{club_id}/events/": ["events"],
            "/clubs/{club_id}/events/{event_id}": ["events"],
            "/clubs/{club_id}/events/{event_id}/tickets/{ticket_id}": ["tickets"],
            "/events/": ["events"],
            "/events/{event_id}": ["events"],
        }
        assert [tag["name"] for tag in document["tags"]] == [
            *("clubs", "events", "tickets")
        ]

    def test_names_each_operation_once(self, document):
        ids = {
            (path, method): operation["operationId"]
            for path, each in document["paths"].items()
            for method, operation in each.items()
            if method != "parameters"
        }
        assert len(set(ids.values())) == len(ids)
        path = "/clubs/{club_id}/events/{event_id}"
        assert ids[path, "patch"] == "patch_events_event_id_of_club"
        assert ids["/events/{event_id}", "patch"] == "patch_events_event_id"

    def test_says_who_may(self, document):
        roles = {"club:chair", "role:admin", "role:internal"}
        for path in ("/clubs/{club_id}/events/{event_id}", "/events/{event_id}"):
            assert set(document["paths"][path]["patch"]["x-roles"]) == roles
        assert document["x-roles"]["club:chair"] == {
            "description": "the chair of the club",
            "at": ["/clubs/{club_id}", "/events/{event_id}"],
        }

    def test_has_the_keys_of_the_whole_path(self, document):
        path = "/clubs/{club_id}/events/{event_id}/tickets/{ticket_id}"
        parameters = document["paths"][path]["parameters"]
        names = [each["name"] for each in parameters]
        assert names == ["club_id", "event_id", "ticket_id"]
        created = document["paths"]["/clubs/{club_id}/events/"]["post"]["responses"]
        example = created["201"]["headers"]["Location"]["example"]
        assert example == "/api/v1/clubs/1/events/1"


def hang(name, node, below):
    return lambda config: config.add_node(name, node, below=below)


class TestStart:
    def test_refuses_what_hangs_below_nothing(self, make_core_app):
        sentence = "/events is below ClubResource, of which no feature has a node"
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(hang("events", EventCollection, ClubResource))

    @pytest.mark.parametrize("name", ["rules", "events"])
    def test_refuses_two_of_one_name(self, make_core_app, name):
        sentence = f"Two features claim /{name} below ClubResource"
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(clubs, events, hang(name, Resource, ClubResource))

    def test_takes_one_name_at_two_places(self, make_core_app):
        below_events = hang("tickets", TicketCollection, EventResource)
        below_clubs = hang("tickets", Resource, ClubResource)
        make_core_app(clubs, events, below_events, below_clubs)

    def test_refuses_items_of_which_none_says_where_it_belongs(self, make_core_app):
        class Loose(Item):
            noun, model = "club", Club

        class LooseCollection(Collection):
            item = Loose

        def include(config):
            config.add_node("loose", LooseCollection, below=EventResource)
            service = ApiService("loose", "/events/{event_id}/loose/{club_id}")
            service.delete(permission=EventPermission.WRITE)(lambda request: None)
            config.add_cornice_service(service)

        sentence = (
            r"Below /{event_id} the objects of Loose must refer to it: by a column "
            r"event_id of the model, or bindparam\('event_id'\) in the statement"
        )
        with pytest.raises(ConfigurationError, match=sentence):
            make_core_app(clubs, events, include)
