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
                }
            },
            "required": ["title"],
            "additionalProperties": False,
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
        assert operation["parameters"] == [
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
                "description": "How many objects come before.",
                "type": "integer",
                "format": "int64",
                "minimum": 0,
                "maximum": 2**62,
                "default": 0,
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
