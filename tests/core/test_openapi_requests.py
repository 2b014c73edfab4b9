"""Bodies, forms and queries in the document."""


class TestRequests:
    def test_body_is_a_definition(self, document):
        operation = document["paths"]["/teams/"]["post"]
        assert operation["parameters"] == [
            {
                "name": "body",
                "in": "body",
                "required": True,
                "schema": {"$ref": "#/definitions/TeamCreate"},
                "x-example": {"title": "Engineers"},
            }
        ]
        assert document["definitions"]["TeamCreate"] == {
            "type": "object",
            "description": "What a new team is made of.",
            "properties": {
                "title": {
                    "type": "string",
                    "description": "What it is called.",
                    "example": "Engineers",
                    "minLength": 3,
                    "maxLength": 50,
                    "pattern": r"^($|\s*\S)",
                }
            },
            "required": ["title"],
            "additionalProperties": False,
            "example": {"title": "Engineers"},
        }

    def test_form_stands_beside_since_swagger_has_one_or_the_other(self, document):
        operation = document["paths"]["/teams/"]["post"]
        assert operation["consumes"] == ["application/json"]
        assert operation["x-forms"] == [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ]

    def test_list_in_a_form_is_still_a_list(self, document):
        operation = document["paths"]["/auth/oauth2_clients/"]["post"]
        assert operation["consumes"] == ["application/json"]
        assert operation["x-forms"] == [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ]

    def test_query_has_its_limits(self, document):
        operation = document["paths"]["/auth/oauth2_clients/"]["get"]
        *query, prefer = operation["parameters"]
        assert prefer == {
            "name": "Prefer",
            "in": "header",
            "type": "string",
            "required": False,
            "description": "How to count the objects of all pages (RFC 7240): "
            "`count=exact`, `count=none` or `count=estimated`. By default exactly; on "
            "a page by a cursor not at all.",
        }
        assert query == [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "How many objects a page holds.",
                "type": "integer",
                "minimum": 1,
                "maximum": 100,
                "default": 20,
            },
            {
                "name": "offset",
                "in": "query",
                "required": False,
                "description": "How many objects come before; by default none.",
                "type": "integer",
                "format": "int64",
                "minimum": 0,
                "maximum": 2**62,
            },
            {
                "name": "after",
                "in": "query",
                "required": False,
                "description": "A cursor, from the link `next`.",
                "type": "string",
                "minLength": 1,
                "maxLength": 3000,
            },
            {
                "name": "before",
                "in": "query",
                "required": False,
                "description": "A cursor, from the link `prev`.",
                "type": "string",
                "minLength": 1,
                "maxLength": 3000,
            },
            {
                "name": "user_id",
                "in": "query",
                "required": False,
                "description": "The owner; by default the caller.",
                "type": "integer",
                "format": "int64",
                "minimum": 1,
            },
        ]
        assert "consumes" not in operation
