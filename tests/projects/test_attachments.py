"""Files of a project, and its history, through the whole stack."""

from unittest.mock import ANY

import pytest

from examples.projects.views import MOST
from tests.patches import replace
from tests.problems import problem

PDF = "application/pdf"
BODY = b"%PDF-1.7 an offer"


@pytest.fixture
def client(api, member):
    return api(member)


@pytest.fixture
def attach(client, path):
    """A function that attaches a file."""

    def send(body=BODY):
        to = f"{path}/attachments/?name=offer.pdf"
        return client.post(to, body=body, content_type=PDF)

    return send


class TestAttachments:
    def test_are_sent_as_they_came(self, client, path, attach):
        response = attach()
        assert response.json == {
            "id": ANY,
            "name": "offer.pdf",
            "media_type": PDF,
            "size": len(BODY),
            "sha256": ANY,
            "created": ANY,
        }
        location = response.headers["Location"]
        assert client.call("GET", location).json == response.json
        assert client.get(f"{path}/attachments/").json == [response.json]
        sent = client.call("GET", f"{location}/content")
        assert (sent.body, sent.content_type) == (BODY, PDF)

    def test_may_be_longer_than_other_bodies(self, attach):
        sizes = (MOST, MOST + 1)
        assert [attach(bytes(size)).status_int for size in sizes] == [201, 413]

    def test_go_with_the_project(self, api, leader, client, path, attach):
        location = attach().headers["Location"]
        assert api(leader).delete(path).status_int == 204
        gone = problem(404, "There is no such object.")
        assert client.call("GET", f"{location}/content").json == gone


class TestHistory:
    def test_says_who_has_changed_what(self, api, leader, member, client, path):
        client.patch(path, [replace("due_on", "2026-12-24")])
        assert client.get(f"{path}/history/").status_int == 403
        assert api(leader).get(f"{path}/history/").json == [
            {
                "id": ANY,
                "created": ANY,
                "actor_id": member.id,
                "client_id": ANY,
                "field": "due_on",
                "before": None,
                "after": "2026-12-24",
            }
        ]
