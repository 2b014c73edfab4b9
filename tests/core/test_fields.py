"""Fields of each type: taken, stored, answered, filtered and patched by value."""

from urllib.parse import urlencode

import pytest

from tests.patches import op, replace
from tests.problems import invalid, problem

A_DATE = "Must be a date, such as 2026-03-01."
A_DECIMAL = 'Must be a decimal number in a string, such as "10.50".'
A_STATE = "Must be one of packed, sent."
A_STRING = "Must be a string."
BEFORE = "Must have at most 6 digits before the point."
BEHIND = "Must have at most 2 digits behind the point."

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
        url = make(**{field: value})
        assert client.get(url).json[field] == answered

    @pytest.mark.parametrize(("field", "value", "answered"), GOOD, ids=str)
    def test_is_patched_by_value(self, client, make, field, value, answered):
        url = make(**{field: None})
        tested = [op("test", f"/{field}", value=each) for each in (value, answered)]
        response = client.patch(url, [replace(field, value), *tested])
        assert (response.status_int, response.json[field]) == (200, answered)
        assert client.patch(url, tested).json == response.json
        null = op("test", f"/{field}", value=None)
        assert client.patch(url, [null]).json == problem(409)

    @pytest.mark.parametrize(("field", "value", "description"), BAD, ids=repr)
    def test_of_another_kind_is_refused(self, client, make, field, value, description):
        response = client.post("/parcels/", {"title": None, field: value})
        assert response.status_int == 422
        assert response.json == invalid(**{field: description})
        url = make()
        refused = client.patch(url, [replace(field, value)])
        assert refused.json == invalid(**{field: description})
        # It may be tested, as RFC 6902 lets any value be, and differs.
        tested = client.patch(url, [op("test", f"/{field}", value=value)])
        assert tested.json == problem(409)

    @pytest.mark.parametrize(("field", "value", "answered"), GOOD, ids=str)
    def test_is_read_of_a_form(self, client, field, value, answered):
        # A form can hold no null: the required title is a text.
        response = client.call(
            "POST", "/api/v1/parcels/", form={"title": "x", field: value}
        )
        assert response.json[field] == answered


def titles(client, **query):
    response = client.get("/parcels/?" + urlencode(query))
    assert response.status_int == 200, response.text
    return [parcel["title"] for parcel in response.json]


class TestFilter:
    @pytest.fixture(autouse=True)
    def parcels(self, make):
        make(title="a", price="9.5", due_on="2026-03-01", state="sent")
        make(title="b", price="10", due_on="2026-03-02")
        make(title="c", price="-10.01", due_on="0999-12-31")
        make(title="d", price=None, due_on=None, state=None)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"price": "9.50"}, "a"),
            ({"price_from": "9.5"}, "ab"),
            ({"price_from": "-10.01", "price_to": "10.00"}, "ac"),
            ({"price_to": "-10"}, "c"),
            ({"due_on": "2026-03-02"}, "b"),
            ({"due_from": "2026-03-01"}, "ab"),
            ({"due_to": "2026-03-01"}, "c"),
            ({"state": "packed"}, "bc"),
            ({"state": "sent"}, "a"),
        ],
    )
    def test_compares_values(self, client, query, found):
        assert "".join(titles(client, **query)) == found

    @pytest.mark.parametrize(
        ("name", "text", "description"),
        [
            ("price", "1e3", A_DECIMAL),
            ("price_from", "0.001", BEHIND),
            ("due_on", "today", A_DATE),
            ("state", "PACKED", A_STATE),
        ],
    )
    def test_takes_what_the_column_can_hold(self, client, name, text, description):
        response = client.get("/parcels/?" + urlencode({name: text}))
        assert response.json == invalid("querystring", **{name: description})
