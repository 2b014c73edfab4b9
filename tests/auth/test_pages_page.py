"""docs/pages.md: the page that it makes works, and each name of the room is there."""

import re

import pytest

from apiserver.auth import browser as room
from apiserver.auth.models import BrowserSession
from tests.auth.browser import Browser
from tests.factories import PASSWORD
from tests.markdown import ROOT, as_shipped, code_spans, files_of, table

PAGES = ROOT / "docs/pages.md"
OWN = "/account/teams"


@pytest.fixture(scope="module")
def paged_app(make_app, database_url, tmp_path_factory):
    """The application with the feature, in a package of its own."""
    folder = tmp_path_factory.mktemp("pages")
    for path, text in files_of(PAGES).items():
        file = folder / path.replace("apiserver", "shown_pages", 1)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("apiserver.own_teams", "shown_pages.own_teams"))
    (folder / "shown_pages/__init__.py").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        features = "users teams auth shown_pages.own_teams"
        yield make_app(database_url, features=features)


@pytest.fixture
def browser(api, paged_app, user):
    client = api(app=paged_app)
    # The pages of this feature are on no list of what is outside of the document.
    client.compare = lambda request, response: None
    visitor = Browser(lambda: client)
    visitor.sign_in(user.username, PASSWORD)
    visitor.call("GET", OWN)
    return visitor


@pytest.fixture
def send(browser):
    """A function that sends the form of the page."""
    return lambda **form: browser.press(OWN, **form)


class TestPage:
    def test_creates_a_team(self, browser, send, user, events):
        assert "You are in no team." in browser.page.text
        assert send(title="Choir").headers["Location"] == OWN
        text = browser.call("GET", OWN).text
        assert '<li>Choir <span class="note">leader</span></li>' in text
        created = [e for e in events() if e["action"] == "team_created"]
        assert [e["actor_id"] for e in created] == [user.id]

    def test_says_what_is_wrong(self, browser, send):
        answer = send(title="")
        assert answer.status_int == 422
        assert 'role="alert"' in answer.text
        assert "You are in no team." in answer.text

    def test_leads_to_the_login_page(self, browser, db):
        db.query(BrowserSession).delete()
        location = browser.call("GET", OWN).headers["Location"]
        assert location == "/auth/login?next=%2Faccount%2Fteams"


@as_shipped
class TestNames:
    def test_are_those_of_the_room(self):
        rows = [row for row in table(PAGES, "name") if row]
        named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
        assert sorted(named) == sorted(room.__all__)

    def test_are_those_of_the_directives(self, paged_app):
        spans = {span.partition("(")[0] for span in code_spans(PAGES)}
        made = {
            name
            for name, (function, _) in paged_app.registry._directives.items()
            if function.__module__.startswith(f"{room.__name__}.")
        }
        assert {span for span in spans if span.startswith("add_")} == made
