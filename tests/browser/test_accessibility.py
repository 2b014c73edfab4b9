"""Every page that a link leads to: axe finds nothing, and it fits a telephone.

Light, and dark.
"""

from collections import deque
from urllib.parse import urldefrag

from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_account import NARROW, sign_in
from tests.browser.visit import Visit

AXE = Axe()
# Where a visit begins that has not signed in, and one that has.
DOORS = ("/", "/auth/login", "/mail/")
ROOMS = ("/account/",)
PAGES = {
    "/account/",
    "/account/address",
    "/account/applications",
    "/account/data",
    "/account/delete",
    "/account/history",
    "/account/password",
    "/account/profile",
    "/account/sessions",
    "/account/tokens",
}
# Swagger UI's page is another project's; the document and the files are no pages.
OTHERS = ("/api/",)
# Of pages that differ in an id alone.
EACH = 3


def described(violation):
    """Return a violation as a person reads it: the rule, and where it is broken."""
    places = [node["html"][:120] for node in violation["nodes"]]
    return f"{violation['id']}: {violation['help']}", places


class Walk(Visit):
    """A visit that follows all links of this server's pages, and looks at each."""

    def walk(self, name, *begin):
        found, seen, kinds = {}, set(), {}
        waiting = deque(begin)
        while waiting:
            path = waiting.popleft()
            kind = "".join("0" if char.isdigit() else char for char in path)
            kinds[kind] = kinds.get(kind, 0) + 1
            if path in seen or kinds[kind] > EACH:
                continue
            seen.add(path)
            self.open(path)
            place = f"walk-{name}{path.partition('?')[0].replace('/', '-')}"
            faults = self.faults(place)
            if faults:
                found[path] = faults
            waiting.extend(self.links())
        return found, seen

    def faults(self, name):
        """Return what is wrong with the page; in the dark, with its colours alone."""
        dark = self.shown(name, "dark", runOnly=["color-contrast"])
        return [*dark, *self.shown(name, "light")]

    def shown(self, name, scheme, **options):
        self.page.emulate_media(color_scheme=scheme)
        self.photograph(f"{name}-{scheme}")
        options = {"resultTypes": ["violations"], **options}
        results = AXE.run(self.page, options=options).response["violations"]
        faults = [described(violation) for violation in results]
        width = self.page.evaluate("document.documentElement.scrollWidth")
        return [*faults, *([f"is {width} wide"] if width > NARROW["width"] else [])]

    def links(self):
        """Return the paths of this server to which the page leads."""
        links = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        own = [urldefrag(url).url for url in links if url.startswith(self.server)]
        paths = [url.removeprefix(self.server) for url in own]
        return [path for path in paths if not path.startswith(OTHERS)]


class TestPages:
    def test_from_outside(self, start):
        found, seen = start(Walk, viewport=NARROW).walk("out", *DOORS)
        assert found == {}
        assert seen > {"/auth/login"}

    def test_of_an_account(self, start):
        visit = start(Walk, viewport=NARROW)
        sign_in(visit)
        found, seen = visit.walk("in", *ROOMS)
        assert found == {}
        assert seen >= PAGES
