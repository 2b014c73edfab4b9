"""The recipe of a list that is filtered and sorted."""

import pytest
from sqlalchemy import column, insert, table

from tests.client import Client

BOOK = table("book", column("title"), column("language"), column("year"))


class TestList:
    @pytest.fixture
    def client(self, serve_recipe):
        app = serve_recipe("filters-and-sorting")
        engine = app.registry.engine
        books = [("Moby-Dick", "en", 1851), ("Faust", "de", 1808), ("Emil", "de", 1929)]
        keys = ("title", "language", "year")
        rows = [dict(zip(keys, book, strict=True)) for book in books]
        with engine.begin() as connection:
            connection.execute(insert(BOOK), rows)
        return Client(app)

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("", ["Moby-Dick", "Faust", "Emil"]),
            ("?sort=title", ["Emil", "Faust", "Moby-Dick"]),
            ("?sort=-year", ["Emil", "Moby-Dick", "Faust"]),
            ("?language=de&sort=year", ["Faust", "Emil"]),
            (
                "?language=en&language=de&sort=sold,-title",
                ["Moby-Dick", "Faust", "Emil"],
            ),
            ("?title=DICK", ["Moby-Dick"]),
            ("?q=mob+dick", ["Moby-Dick"]),
            ("?until=1851&sold_missing=true", ["Moby-Dick", "Faust"]),
            ("?since=1851", ["Moby-Dick", "Emil"]),
            ("?age=old", ["Moby-Dick", "Faust"]),
            ("?age=new", ["Emil"]),
            ("?age=new&language=en", []),
        ],
    )
    def test_leave_and_sort_what_is_asked_for(self, client, query, titles):
        assert [book["title"] for book in client.get(f"/books/{query}").json] == titles

    @pytest.mark.parametrize("query", ["language=it", "author=x", "sort=language"])
    def test_are_the_declared_ones(self, client, query):
        assert client.get(f"/books/?{query}").status_int == 422

    def test_are_documented(self, client):
        [operation] = (
            path["get"]
            for name, path in client.get("/openapi.json").json["paths"].items()
            if name == "/books/"
        )
        schemas = {each["name"]: each["schema"] for each in operation["parameters"]}
        assert schemas["language"]["items"]["enum"] == ["de", "en", "fr"]
        words = schemas["sort"]["items"]["enum"]
        assert words[2:] == ["title", "-title", "year", "-year", "sold", "-sold"]
