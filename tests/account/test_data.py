"""The download of what is stored: ``/users/me/data`` and the page."""

import orjson

from apiserver.users import personal_data
from tests.factories import CLIENT_SECRET
from tests.personal_tokens.factories import make_personal_token
from tests.project import STALE

PATH = "/users/me/data"
PAGE = "/account/data"


def test_has_what_features_have(api, user, make_user, make_team, make_client, db, app):
    other = make_user()
    team = make_team(leaders=[user], members=[other])
    client = make_client(user)
    token, secret = make_personal_token(db, user)
    answer = api(user).get(PATH)
    assert answer.content_type == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="account.json"')
    data = orjson.loads(answer.body)
    assert list(data) == [part.name for part in app.registry.personal_data]
    assert data["profile"][0]["email"] == user.email
    assert data["teams"] == [{"id": team.id, "title": team.title, "is_leader": True}]
    assert client.client_id in {each["client_id"] for each in data["clients"]}
    assert [each["name"] for each in data["personal_tokens"]] == [token.name]
    for hidden in (secret, CLIENT_SECRET, user.password_digest, other.email):
        assert hidden.encode() not in answer.body


def test_is_read_in_batches(user, make_team, monkeypatch, db, app):
    [part] = [p for p in app.registry.personal_data if p.name == "teams"]
    few = part._replace(statement=part.statement.limit(2))
    monkeypatch.setattr(personal_data, "BATCH", 2)
    teams = [make_team(leaders=[user]).id for _ in range(5)]
    rows = list(personal_data.rows_of(db, few, user.id))
    assert [row["id"] for row in rows] == teams


def test_is_the_same_on_the_page(signed_in, api, user):
    page = signed_in.call("GET", PAGE)
    assert "Personal tokens" in page.text
    mine = orjson.loads(signed_in.submit(PAGE).body)
    theirs = orjson.loads(api(user).get(PATH).body)
    assert (mine["profile"], list(mine)) == (theirs["profile"], list(theirs))


def test_needs_a_recent_sign_in(api, user, refused_later):
    client = api(user)
    assert "sign in again" in refused_later(PAGE)
    assert client.get(PATH).json == STALE
