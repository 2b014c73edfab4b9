"""A list that is searched for words."""

from urllib.parse import urlencode

import pytest

from tests.client import Client
from tests.core.tasks import stored, tasks
from tests.problems import invalid

TEXTS = [
    ("Write the report", None),
    ("Call example.com", "About the Report, by phone"),
    ("Überprüfen", "naïve œuvre"),
    ("C++ & /usr/bin/python3", "re-read <b>it</b>"),
    ("100% sure", "a_b'c\"d\\e"),
    ("", None),
]


@pytest.fixture(scope="module")
def app(make_core_app, make_database):
    return make_core_app(tasks, **{"sqlalchemy.url": make_database()})


@pytest.fixture(scope="module")
def client(app):
    rows = [
        {"status": "open", "title": title, "about": about} for title, about in TEXTS
    ]
    with stored(app, rows):
        yield Client(app)


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("report", [1, 2]),
            ("REP", [1, 2]),
            ("phone report", [2]),
            ("report, phone!", [2]),
            ("report pencil", []),
            ("example.com", [2]),
            ("com", [2]),
            ("Über", [3]),
            ("œuvre", [3]),
            ("python3", [4]),
            ("c++", [2, 4, 5]),
            ("re-read", [4]),
            ("it", [4]),
            ("100", [5]),
            ("a_b", [2, 5]),
            ("' & | ! ( ) : * e", [2, 5]),
            ("d:*", [5]),
            ("%a%", [2, 5]),
        ],
    )
    def test_finds_rows_with_words_that_begin_so(self, client, text, found):
        response = client.get("/tasks/?" + urlencode({"q": text}))
        assert response.status_int == 200, response
        ids = [task["id"] for task in response.json]
        # On SQLite the words may be inside of others, too.
        if client.app.registry.engine.dialect.name == "sqlite":
            assert set(found) <= set(ids)
        else:
            assert ids == found
        assert response.headers["X-Total-Count"] == str(len(ids))

    @pytest.mark.parametrize(
        ("text", "description"),
        [
            ("", "Must be at least 1 character long."),
            ("?!", "Must have a word to search for."),
            ("a " * 11, "Must have at most 10 words."),
            ("x" * 101, "Must be at most 100 characters long."),
            ("a\tb", "Must not contain control characters."),
        ],
    )
    def test_is_for_some_words(self, client, text, description):
        response = client.get("/tasks/?" + urlencode({"q": text}))
        assert response.status_int == 422
        assert response.json == invalid("querystring", q=description)
