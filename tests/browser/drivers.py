"""Browsers that do the same: Chromium by Playwright, Firefox by its own Marionette.

Playwright needs a Firefox of its own, which no package has; Marionette is
what every Firefox understands: JSON over TCP, each message after its length.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.visit import TIMEOUT
from tests.served import Program
from tests.tools import path_of

# The profile of Firefox: it listens at a free port, which it writes into a file.
PREFERENCES = 'user_pref("marionette.port", 0);\n'
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Chromium:
    """A window of Chromium."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.page: Any = None
        self.begin()

    def begin(self) -> None:
        """Begin anew, without the cookies of before."""
        self.end()
        self.page = self.program.new_page(ignore_https_errors=True)
        self.page.set_default_timeout(TIMEOUT)

    def end(self) -> None:
        """Forget it all; a page has a context of its own."""
        if self.page is not None:
            self.page.close()

    def open(self, url: str) -> None:
        self.page.goto(url)

    def fill(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)

    def press(self, selector: str) -> None:
        self.page.click(selector, no_wait_after=True)

    def wait_for(self, url: str) -> None:
        """Return once the page is there, whatever its query."""
        self.page.wait_for_url(lambda at: at.partition("?")[0] == url)


class Firefox:
    """A window of Firefox."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT / 1000)
        self.file = self.socket.makefile("rb")
        self.sent = 0
        self.receive()
        self.call("WebDriver:NewSession", capabilities={})
        self.call("WebDriver:SetTimeouts", implicit=TIMEOUT)

    def begin(self) -> None:
        """Begin anew, without the cookies of before."""
        self.call("WebDriver:DeleteAllCookies")

    def receive(self) -> Any:
        length = b""
        while (digit := self.file.read(1)) != b":":
            assert digit
            length += digit
        return json.loads(self.file.read(int(length)))

    def call(self, command: str, **parameters: Any) -> Any:
        """Send a command of WebDriver; return what it gives."""
        self.sent += 1
        message = json.dumps([0, self.sent, command, parameters])
        self.socket.sendall(f"{len(message)}:{message}".encode())
        _, _, error, result = self.receive()
        assert error is None, error
        return result

    def find(self, selector: str) -> str:
        wanted = {"using": "css selector", "value": selector}
        return str(self.call("WebDriver:FindElement", **wanted)["value"][ELEMENT])

    def open(self, url: str) -> None:
        self.call("WebDriver:Navigate", url=url)

    def fill(self, selector: str, text: str) -> None:
        self.call("WebDriver:ElementSendKeys", id=self.find(selector), text=text)

    def press(self, selector: str) -> None:
        self.call("WebDriver:ElementClick", id=self.find(selector))

    def wait_for(self, url: str) -> None:
        """Return once the page is there, whatever its query."""
        end = time.monotonic() + TIMEOUT / 1000
        while self.call("WebDriver:GetCurrentURL")["value"].partition("?")[0] != url:
            assert time.monotonic() < end
            time.sleep(0.05)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Start Firefox, with a profile in the folder."""
    (folder / "user.js").write_text(PREFERENCES)
    command = [path_of("firefox-esr") or "", "--headless"]
    command += ["--marionette", "--no-remote"]
    port = folder / "MarionetteActivePort"
    log = folder / "printed.log"
    with Program([*command, "--profile", folder], log) as program:
        program.until(lambda: port.exists() and port.read_text("utf-8"))
        window = Firefox(int(port.read_text("utf-8")))
        yield window
        window.call("Marionette:Quit", flags=["eForceQuit"])
        window.socket.close()
        program.wait()
