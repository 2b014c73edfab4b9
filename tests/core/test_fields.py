"""Fields of each type: taken, stored, answered, filtered and patched by value."""

import sys
from decimal import Decimal as Exact
from urllib.parse import urlencode

import colander
import orjson
import pytest
from sqlalchemy.dialects import sqlite

from apiserver.core.db import ExactNumeric
from apiserver.core.schemas import Decimal, FreeJson, Object, Set
from tests.paging import pages, relations
from tests.patches import op, replace
from tests.problems import invalid, problem

A_DATE = "Must be a date, such as 2026-03-01."
A_DECIMAL = 'Must be a decimal number in a string, such as "10.50".'
A_STATE = "Must be one of packed, sent."
A_STRING = "Must be a string."
BEFORE = "Must have at most 6 digits before the point."
BEHIND = "Must have at most 2 digits behind the point."

A_NUMBER = "Must be a number."
A_TIME = "Must be a time of day without an offset, such as 12:30 or 12:30:00."
A_DURATION = "Must be a duration in weeks, days or shorter units, such as P1DT2H30M."
A_UUID = "Must be a UUID, such as 123e4567-e89b-12d3-a456-426614174000."
A_URL = "Must be a URL of http or https, such as https://example.com/path."
NOT_ASCII = (
    "Must be in ASCII: the host in Punycode, and other characters percent-encoded."
)
TWICE = "Must not contain duplicate items."

CODE = "123e4567-e89b-12d3-a456-42661417400a"
LARGEST = sys.float_info.max
MOMENT = "2026-03-01T12:00:00Z"

# What is sent, and what is answered.
GOOD = [
    *[("due_on", day, day) for day in ("0001-01-01", "2024-02-29", "9999-12-31")],
    ("price", "10.5", "10.50"),
    ("price", "10.50", "10.50"),
    ("price", "7", "7.00"),
    ("price", "-0", "0.00"),
    ("price", "-0.01", "-0.01"),
    ("price", "999999.99", "999999.99"),
    ("price", "-999999.99", "-999999.99"),
    ("price", "0.30", "0.30"),
    ("state", "sent", "sent"),
    ("sent", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
    ("sent", "2026-03-01T12:00:00.000001+01:00", "2026-03-01T11:00:00.000001+00:00"),
    # Clients in Go and Java write nanoseconds.
    ("sent", "2026-03-01T12:00:00.123456999+02:00", "2026-03-01T10:00:00.123456+00:00"),
    ("sent", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    ("sent", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ("weight", 3, 3.0),
    ("weight", -0.0, 0.0),
    ("weight", 0.1, 0.1),
    ("weight", 5e-324, 5e-324),
    ("weight", LARGEST, LARGEST),
    ("weight", -LARGEST, -LARGEST),
    ("opens", "00:00", "00:00:00"),
    ("opens", "23:59:59.999999", "23:59:59.999999"),
    ("opens", "12:30:00.5", "12:30:00.500000"),
    ("takes", "PT0S", "P0D"),
    ("takes", "P2W", "P14D"),
    ("takes", "PT90M", "PT1H30M0S"),
    ("takes", "PT1H0M30S", "PT1H0M30S"),
    ("takes", "P2000000D", "P2000000D"),
    ("code", CODE.upper(), CODE),
    ("url", "HTTPS://Example.COM/A?b=C#D", "https://example.com/A?b=C#D"),
    ("url", "http://[2001:DB8::1]:80/%7e?a=/?", "http://[2001:db8::1]:80/%7e?a=/?"),
    ("url", "http://a", "http://a"),
    ("extra", {"a": {"b": [1, 2.5, None, "ä"]}}, {"a": {"b": [1, 2.5, None, "ä"]}}),
    ("extra", [1e300, 2**63, -(2**63), 1.0], [1e300, 2**63, -(2**63), 1.0]),
    *[("extra", value, value) for value in ("text", "", 0, False, [], {}, "null")],
    ("tags", ["a b", "a b"], ["a b", "a b"]),
    ("days", ["9999-12-31", "0001-01-01"], ["9999-12-31", "0001-01-01"]),
    ("states", ["sent", "packed"], ["sent", "packed"]),
    ("prices", ["1", "1.1"], ["1.00", "1.10"]),
    ("codes", [CODE.upper()], [CODE]),
]
BAD = [
    *[("due_on", day, A_DATE) for day in (20260301, "20260301", "2026-W09-7", "")],
    *[("due_on", day, A_DATE) for day in ("2026-02-29", "0000-01-01", "2026-3-1")],
    *[("due_on", day, A_DATE) for day in ("2026-03-01T00:00:00Z", "٢٠٢٦-03-01")],
    *[("price", value, A_DECIMAL) for value in (1, 10.5, True, ["1"], "", "1e3")],
    *[("price", value, A_DECIMAL) for value in ("NaN", "Infinity", "+1", " 1", "1,5")],
    *[("price", value, A_DECIMAL) for value in ("1.", ".5", "01", "1_0", "٣", "--1")],
    *[("price", value, BEFORE) for value in ("1000000", "1" * 1000, "-1000000.00")],
    *[("price", value, BEHIND) for value in ("0.001", "1.000", "0." + "0" * 1000)],
    *[("state", value, A_STATE) for value in ("SENT", "lost", "", "State.SENT")],
    *[("state", value, A_STRING) for value in (1, True, ["sent"])],
    *[("weight", value, A_NUMBER) for value in ("1", True, [1], {})],
    *[("opens", value, A_TIME) for value in (12, "24:00", "12:60", "12", "12:30:60")],
    *[("opens", value, A_TIME) for value in ("12:30Z", "12:30+01:00", "1:30", "12:3")],
    *[("opens", value, A_TIME) for value in ("12:30:00.0000001", "T12:30", "١٢:30")],
    *[("takes", value, A_DURATION) for value in ("P", "PT", "P1Y", "P1M", "1D", "p1d")],
    *[
        ("takes", value, A_DURATION)
        for value in ("-P1D", "P0.5D", "PT1S1H", 60, "P1DT")
    ],
    ("takes", "P2000000DT1S", "Must be at most P2000000D."),
    *[("code", value, A_UUID) for value in (f"{{{CODE}}}", f"urn:uuid:{CODE}", 1, "")],
    *[("code", value, A_UUID) for value in (CODE.replace("-", ""), CODE + "0")],
    ("url", 1, A_STRING),
    ("url", "http://" + "a" * 60, "Must be at most 60 characters long."),
    *[("url", f"http://{rest}", A_URL) for rest in ("", "/", "?a", ".", "a..b", "a:b")],
    *[("url", f"http://{rest}", A_URL) for rest in ("a:99999", "[::g]", "a/ b", "a/%")],
    *[("url", f"http://{rest}", A_URL) for rest in ("a\\b", "a/\n", "a#b#c", "a/<b>")],
    *[("url", value, A_URL) for value in ("ftp://a", "//a", "a.b", "javascript:a")],
    ("url", "http://user:password@a/", "Must not contain a user name or a password."),
    ("url", "http://bücher.example/", NOT_ASCII),
    ("extra", {"a": "\0"}, "Must not contain the character NUL."),
    ("extra", {"\0": 1}, "Must not contain the character NUL."),
    ("extra", [[[[]]]], "Must be nested at most 3 levels deep."),
    ("extra", "x" * 199, "Must be at most 200 bytes long."),
    ("days", ["2026-03-01", "2026-03-01"], TWICE),
    ("days", [None, None], TWICE),
    ("states", ["sent", "sent"], TWICE),
    ("prices", ["1", "1.00"], TWICE),
    ("codes", [CODE, CODE.upper()], TWICE),
]


@pytest.fixture
def client(parcel_client):
    return parcel_client


@pytest.fixture
def make(make_parcel):
    return make_parcel


class TestValue:
    @pytest.mark.parametrize(("field", "value", "answered"), GOOD, ids=str)
    def test_is_stored_exactly(self, client, make, field, value, answered):
        made = client.get(make(**{field: value})).json
        assert made[field] == answered
        url = make(**{field: None})
        tested = [op("test", f"/{field}", value=each) for each in (value, answered)]
        response = client.patch(url, [replace(field, value), *tested])
        assert (response.status_int, response.json[field]) == (200, answered)
        assert client.get(url).json == client.patch(url, tested).json == response.json
        null = op("test", f"/{field}", value=None)
        assert client.patch(url, [null]).json == problem(409)

    @pytest.mark.parametrize(("field", "value", "description"), BAD, ids=repr)
    def test_of_another_kind_is_refused(self, client, make, field, value, description):
        response = client.post("/parcels/", {"title": None, field: value})
        assert response.json == invalid(**{field: description})
        url = make()
        refused = client.patch(url, [replace(field, value)])
        assert refused.json == invalid(**{field: description})
        # It may be tested, as RFC 6902 lets any value be, and differs.
        tested = client.patch(url, [op("test", f"/{field}", value=value)])
        assert tested.json == problem(409)

    @pytest.mark.parametrize("field", dict.fromkeys(each[0] for each in GOOD))
    def test_is_read_of_a_form(self, client, field):
        value, answered = next(each[1:] for each in GOOD if each[0] == field)
        # Any JSON is JSON itself; and a form holds no null: the title is a text.
        text = orjson.dumps(value).decode() if field == "extra" else value
        form = {"title": "x", field: text}
        response = client.call("POST", "/api/v1/parcels/", form=form)
        assert response.json[field] == answered


class TestDeclaration:
    @pytest.mark.parametrize(
        ("make", "sentence"),
        [
            (lambda: Set(Object(), 3), "The items of a Set are values"),
            (lambda: FreeJson(depth=1000), "A body has at most "),
            (lambda: Decimal(2, 3), "A decimal number has at most "),
            (lambda: ExactNumeric(2, 3), "A decimal number has at most "),
        ],
    )
    def test_of_what_can_not_be_is_refused(self, make, sentence):
        with pytest.raises(TypeError, match=sentence):
            make()

    def test_of_a_decimal_says_its_limits(self):
        node = Decimal(5, 2, least=1, greatest=Exact("99.5"), description="A price.")
        assert node.description == "A price. At least 1. At most 99.5."

    def test_of_a_column_refuses_what_it_would_round(self):
        store = ExactNumeric(4, 2).bind_processor(sqlite.dialect())
        assert store(Exact("99.99")) == 9999
        for value in ("0.001", "100"):
            with pytest.raises(ValueError, match="doesn't fit"):
                store(Exact(value))


class TestJson:
    def test_is_null_where_it_may_be_and_json_of_a_form(self, client):
        form = {"title": "x", "extra": "{"}
        response = client.call("POST", "/api/v1/parcels/", form=form)
        assert response.json == invalid(extra="Must be JSON.")
        with pytest.raises(colander.Invalid, match="Must not be null"):
            FreeJson().typ.deserialize(FreeJson(), None)


FOUND = [
    *(({"price": "9.50"}, "a"), ({"price_from": "9.5"}, "ab")),
    ({"price_from": "-10.01", "price_to": "10.00"}, "ac"),
    *(({"price_to": "-10"}, "c"), ({"due_on": "2026-03-02"}, "b")),
    *(({"due_from": "2026-03-01"}, "ab"), ({"due_to": "2026-03-01"}, "c")),
    *(({"weight_from": "-1"}, "ac"), ({"weight_from": "1e-3"}, "c")),
    ({"opens_to": "09:00:00.000001"}, "b"),
    *(({"takes_from": "P1D"}, "bc"), ({"takes_from": "P1DT6H0M1S"}, "b")),
    *(({"code": CODE.upper()}, "e"), ({"code_to": CODE.replace("a", "b")}, "e")),
    *(({"code_to": CODE}, ""), ({"state": "packed"}, "bce"), ({"state": "sent"}, "a")),
    ({"any_state": ["packed", "sent"]}, "abce"),
    ({"any_due_on": ["2026-03-02", "0999-12-31"]}, "bc"),
    ({"any_price": ["9.50", "10", "1"]}, "ab"),
    *(({"any_takes": ["PT48H", "PT30H"]}, "bc"), ({"any_code": [CODE]}, "e")),
    *(({"no_price": "true"}, "de"), ({"no_price": "false"}, "abc")),
]
REFUSED = [
    *(("price", "1e3", A_DECIMAL), ("price_from", "0.001", BEHIND)),
    *(("weight_from", text, A_NUMBER) for text in ("1e400", "nan")),
    *(("due_on", "today", A_DATE), ("opens_to", "9:00", A_TIME)),
    *(("takes_from", "1 day", A_DURATION), ("code", "x", A_UUID)),
    ("state", "PACKED", A_STATE),
]


class TestFilter:
    @pytest.fixture(autouse=True)
    def parcels(self, make):
        make(title="a", price="9.5", due_on="2026-03-01", state="sent", weight=-1)
        make(title="b", price="10", due_on="2026-03-02", opens="09:00", takes="P2D")
        make(title="c", price="-10.01", due_on="0999-12-31", weight=2, takes="PT30H")
        make(title="e", opens="10:00", code=CODE)
        make(title="d", price=None, due_on=None, state=None)

    def test_compares_values(self, client):
        for query, found in FOUND:
            response = client.get("/parcels/?" + urlencode(query, doseq=True))
            titles = [parcel["title"] for parcel in response.json]
            assert "".join(sorted(titles)) == found, query

    def test_takes_what_the_column_can_hold(self, client):
        for name, text, description in REFUSED:
            response = client.get("/parcels/?" + urlencode({name: text}))
            assert response.json == invalid("querystring", **{name: description})


# From the least to the greatest, as values and not as texts are ordered.
IN_ORDER = {
    "state": ["packed", "sent"],
    "due_on": ["0001-01-01", "2026-03-01", "9999-12-31"],
    "sent": [
        "0001-01-01T00:00:00Z",
        "2026-03-01T13:00:00+02:00",
        "2026-03-01T12:00:00Z",
    ],
    "price": ["-999999.99", "-10", "-9", "0", "9", "10", "999999.99"],
    "weight": [-LARGEST, -10, -9.5, 0, 5e-324, 9, 10, LARGEST],
    "opens": ["00:00", "09:00", "09:00:00.000001", "10:00"],
    "takes": ["P0D", "PT90M", "PT2H", "P1D", "PT25H", "P2000000D"],
    "code": [CODE, CODE.replace("a", "b")],
}


class TestOrder:
    @pytest.mark.parametrize("field", IN_ORDER)
    def test_is_that_of_values_and_null_comes_last(self, client, make, field):
        values = [*IN_ORDER[field], None]
        rising = [make(**{field: value}).rpartition("/")[2] for value in values]
        falling = [*rising[-2::-1], rising[-1]]
        for sort, expected in ((field, rising), (f"-{field}", falling)):
            ways = list(pages(client, f"/parcels/?limit=2&sort={sort}", "next"))
            found = [str(parcel["id"]) for page in ways for parcel in page.json]
            assert found == expected
            back = relations(ways[-1])["prev"].removeprefix(client.prefix)
            found = [page.json for page in pages(client, back, "prev")]
            assert [str(p["id"]) for p in found[-1]] == expected[:2]
