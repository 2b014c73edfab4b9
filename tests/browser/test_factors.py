"""Second factors in a real browser, with Chromium's virtual authenticator."""

import pytest
from playwright.sync_api import expect
from pyotp import TOTP
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import factories
from tests.browser.visit import Visit
from tests.factors.accounts import code_of
from tests.forked import serve
from tests.served import clean_environment, development_ini, free_port
from tests.tools import needs

pytestmark = needs("chromium")

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Person(Visit):
    """Somebody at the pages of an account, with a device that makes passkeys."""

    def __init__(self, context, server):
        super().__init__(context, server)
        self.devices = context.new_cdp_session(self.page)
        self.devices.send("WebAuthn.enable")
        added = self.devices.send(
            "WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR}
        )
        self.authenticator = {"authenticatorId": added["authenticatorId"]}

    def is_recognized(self, verified):
        """Let the device know its user, or not."""
        parameters = {**self.authenticator, "isUserVerified": verified}
        self.devices.send("WebAuthn.setUserVerified", parameters)

    def passkeys(self):
        answer = self.devices.send("WebAuthn.getCredentials", self.authenticator)
        return answer["credentials"]

    def sign_in(self, username):
        self.open("/auth/login")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(factories.PASSWORD)
        self.press("Sign in")

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sees(self, heading):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)


@pytest.fixture(scope="module")
def place(tmp_path_factory, make_database):
    """The URL of a server by a name of this machine, and that of its database."""
    database, port = make_database(), free_port()
    ini = development_ini(tmp_path_factory.mktemp("server"))
    ini.write_text(ini.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    environment = clean_environment(
        DATABASE_URL=database, APISERVER_ISSUER=f"http://127.0.0.1:{port}"
    )
    with serve(ini, environment):
        yield f"http://localhost:{port}", database


@pytest.fixture
def user(place):
    engine = create_engine(place[1])
    with Session(engine, expire_on_commit=False) as db:
        user = factories.make_user(db)
    engine.dispose()
    return user


@pytest.fixture
def person(start, place):
    return start(Person, place[0])


class TestPasskey:
    def test_is_made_and_used_beside_a_password_and_without(self, person, user):
        person.sign_in(user.username)
        person.follow("Sign-in security")
        person.photograph("factors-none")
        person.follow("Add a passkey")
        person.photograph("factors-new-passkey")
        person.page.get_by_label("Name").fill("Laptop")
        person.press("Create a passkey")
        person.sees("Recovery codes")
        person.photograph("factors-codes")
        assert len(person.passkeys()) == 1
        person.follow("I have kept them")
        expect(person.page.get_by_text("You have 10 left.")).to_be_visible()
        person.photograph("factors")
        person.press("Sign out")

        person.sign_in(user.username)
        person.sees("Second factor")
        person.photograph("factors-step")
        person.press("Use a passkey")
        person.sees("Your account")
        person.press("Sign out")

        person.open("/auth/login")
        person.photograph("factors-login")
        person.follow("Sign in with a passkey")
        person.photograph("factors-passkey")
        person.press("Use a passkey")
        person.sees("Your account")

    def test_needs_its_user(self, person, user):
        person.sign_in(user.username)
        person.open("/account/factors/passkey")
        person.press("Create a passkey")
        person.sees("Recovery codes")
        person.page.context.clear_cookies()
        person.is_recognized(False)
        person.open("/auth/passkey")
        person.press("Use a passkey")
        expect(person.page.get_by_role("alert")).to_have_text(
            "No passkey was used. Try again."
        )
        person.is_recognized(True)
        person.press("Use a passkey")
        person.sees("Your account")

    def test_is_made_once_by_a_device(self, person, user):
        person.sign_in(user.username)
        person.open("/account/factors/passkey")
        person.press("Create a passkey")
        person.sees("Recovery codes")
        person.open("/account/factors/passkey")
        person.press("Create a passkey")
        expect(person.page.get_by_role("alert")).to_have_text(
            "This device has a passkey for the account already."
        )


class TestApp:
    def test_is_set_up_and_asked_for(self, person, user):
        person.sign_in(user.username)
        person.open("/account/factors")
        person.follow("Add an authenticator app")
        person.photograph("factors-app")
        text = person.page.get_by_text("Secret:").inner_text()
        app = TOTP(text.partition(":")[2].replace(" ", ""))
        person.page.get_by_label("Code", exact=True).fill(code_of(app, -1))
        person.press("Confirm")
        person.sees("Recovery codes")
        code = person.page.locator(".codes code").first.inner_text()
        person.follow("I have kept them")
        person.press("Sign out")

        person.sign_in(user.username)
        person.page.get_by_label("Code of your app").fill(code_of(app))
        person.press("Continue")
        person.sees("Your account")
        person.press("Sign out")

        person.sign_in(user.username)
        person.page.get_by_label("Code of your app").fill(code)
        person.press("Continue")
        person.sees("Recovery code used")
        person.photograph("factors-code-used")
        person.follow("Continue")
        person.sees("Your account")

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_fits_a_telephone(self, start, place, user, scheme):
        viewport = {"width": 320, "height": 640}
        person = start(Person, place[0], viewport=viewport, color_scheme=scheme)
        person.sign_in(user.username)
        for path in ("", "/totp", "/passkey"):
            person.open(f"/account/factors{path}")
            width = person.page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320
            person.photograph(f"factors-{scheme}{path.replace('/', '-')}")
