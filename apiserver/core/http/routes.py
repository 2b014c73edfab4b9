"""Looks up routes without placeholders by their path.

Pyramid tries the patterns of all routes, one after the other: each would slow down all
later ones, and every feature adds some.
"""

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.urldispatch import Route, RoutesMapper

from apiserver.core.typing import Request


class Routes(RoutesMapper):
    """Finds the same routes as Pyramid's mapper, to which it leaves all other paths."""

    def __init__(self) -> None:
        super().__init__()
        self.arranged: tuple[dict[str, Route], RoutesMapper] | None = None

    def connect(self, *args: object, **kw: object) -> Route:
        self.arranged = None
        return super().connect(*args, **kw)

    def __call__(self, request: Request) -> dict[str, object]:
        by_path, patterns = self.arranged or self.arrange()
        path: str = request.environ.get("PATH_INFO") or "/"
        # The end of a pattern also matches before a line feed.
        route = by_path.get(path.removesuffix("\n"))
        if route is not None:
            return {"match": {}, "route": route}
        found: dict[str, object] = patterns(request)
        return found

    def arrange(self) -> tuple[dict[str, Route], RoutesMapper]:
        """Collect the first route at each path; return these and the others, in order.

        Called by the first request, when all routes are registered, or by several first
        requests at once: each sees nothing that another one hasn't completed.
        """
        by_path: dict[str, Route] = {}
        patterns = RoutesMapper()
        for place, route in enumerate(self.routelist):
            path = "/" + route.pattern.removeprefix("/")
            is_fixed = path.isascii() and not {"{", ":", "*"}.intersection(path)
            before = (each.match(path) for each in self.routelist[:place])
            if is_fixed and not route.predicates and all(m is None for m in before):
                by_path[path] = route
            else:
                patterns.routelist.append(route)
        self.arranged = by_path, patterns
        return self.arranged


def includeme(config: Configurator) -> None:
    config.registry.registerUtility(Routes(), IRoutesMapper)
