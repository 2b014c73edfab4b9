"""Files in a browser: Swagger UI uploads them as they are, and in a form."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.visit import Documentation
from tests.forked import serve
from tests.served import clean_environment, development_ini
from tests.settings import EXAMPLES

FEATURE = "examples.projects"
POST = "projects-attach"
pytestmark = pytest.mark.skipif(
    FEATURE not in EXAMPLES, reason="The example of projects is gone."
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The URL of a server with the example, and a project in it."""
    folder = tmp_path_factory.mktemp("server")
    ini = development_ini(folder)
    features = re.compile(r"(?m)^apiserver\.features = .*")
    ini.write_text(features.sub(rf"\g<0> {FEATURE}", ini.read_text()))
    with serve(
        ini, clean_environment(DATABASE_URL=f"sqlite:///{folder}/new.db")
    ) as url:
        plan_project(url)
        yield url


def plan_project(url):
    form = {"grant_type": "password", "client_id": "documentation"}
    form |= {"username": "root", "password": "q"}
    token = httpx.post(f"{url}/auth/oauth2/token", data=form).json()["access_token"]
    with httpx.Client(base_url=f"{url}/api/v1") as http:
        http.headers["Authorization"] = f"Bearer {token}"
        http.post("/teams/", json={"title": "Engineers"}).raise_for_status()
        planned = http.post("/teams/1/projects/", json={"title": "New website"})
        planned.raise_for_status()


@pytest.mark.parametrize(
    ("media_type", "name"),
    [("multipart/form-data", "offer.txt"), ("text/plain", "notes.txt")],
)
def test_are_uploaded(start, server, media_type, name):
    visit = start(Documentation, server)
    visit.open()
    visit.sign_in("root", "q", "projects:write")
    block = visit.operation(POST)
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_placeholder("project_id").fill("1")
    block.get_by_placeholder("name").fill("" if "form" in media_type else name)
    block.get_by_label("Request content type").select_option(media_type)
    file = {"name": "offer.txt", "mimeType": "text/plain", "buffer": b"An offer."}
    block.locator("input[type=file]").set_input_files(file)
    with visit.page.expect_response(lambda r: r.request.method == "POST") as found:
        block.get_by_role("button", name="Execute").click()
    visit.photograph(f"upload-{media_type.partition('/')[0]}")
    expect(
        block.locator(".live-responses-table .response-col_status").last
    ).to_contain_text("201")
    told = found.value.json()
    assert (told["name"], told["media_type"], told["size"]) == (name, "text/plain", 9)
