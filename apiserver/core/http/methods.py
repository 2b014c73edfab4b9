"""The methods of a route: of a service, a document, a page."""

from collections.abc import Callable

from pyramid.traversal import DefaultRootFactory

from apiserver.core.http.errors import MethodNotAllowed
from apiserver.core.typing import Request


class Taking:
    """The root factory of a route that allows only these methods.

    Raises MethodNotAllowed before any object is looked up; CORS reads ``methods``.
    """

    def __init__(
        self, *methods: str, root: Callable[[Request], object] = DefaultRootFactory
    ) -> None:
        self.methods = methods
        self.root = root

    def __call__(self, request: Request) -> object:
        if request.method not in self.methods:
            raise MethodNotAllowed(self.methods)
        return self.root(request)


READING = Taking("GET", "HEAD")
