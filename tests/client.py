"""The test client: a caller of the API, in front of the whole stack."""

import json as json_module
from typing import Any

import webtest

from tests.contract.document import contract_of

SENTINEL: Any = object()


class Client(webtest.TestApp):  # type: ignore[misc]
    """Calls paths below ``/api/v1``, with the caller's token; any status is fine.

    ::

        client.get("/teams/").json
        client.post("/teams/", {"title": "Engineers"}).status_int
        client.patch("/teams/1", [{"op": "replace", ...}])
        client.call("POST", "/auth/oauth2/token", form={...})     a path of the root

    Every answer is compared with the document of the application, in all that it says;
    where there is a difference, the test fails.
    """

    __test__ = False
    prefix = "/api/v1"

    def __init__(self, app: Any, token: str | None = None) -> None:
        super().__init__(app)
        self.token = token
        if token is not None:
            self.authorization = ("Bearer", token)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = SENTINEL,
        form: Any = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        content_type: str | None = None,
    ) -> Any:
        """Send a request to a path of the server's root, and return the response."""
        if json is not SENTINEL:
            body = json_module.dumps(json).encode()
            content_type = content_type or "application/json"
        elif form is not None:
            body = webtest.utils.encode_params(form, None).encode()
            content_type = content_type or "application/x-www-form-urlencoded"
        request = webtest.TestRequest.blank(path, method=method, body=body)
        request.headers.pop("Content-Type", None)
        if content_type is not None:
            request.headers["Content-Type"] = content_type
        request.headers.update(headers or {})
        if self.token is not None:
            request.headers.setdefault("Authorization", f"Bearer {self.token}")
        response = self.do_request(request, status="*", expect_errors=True)
        self.compare(request, response)
        return response

    def compare(self, request: Any, response: Any) -> None:
        """Compare an answer with the document of the application."""
        contract_of(self.app, self.prefix).check(request, response)

    def get(self, path: str, **kw: Any) -> Any:
        return self.call("GET", self.prefix + path, **kw)

    def head(self, path: str, **kw: Any) -> Any:
        return self.call("HEAD", self.prefix + path, **kw)

    def options(self, path: str, **kw: Any) -> Any:
        return self.call("OPTIONS", self.prefix + path, **kw)

    def delete(self, path: str, **kw: Any) -> Any:
        return self.call("DELETE", self.prefix + path, **kw)

    def post(self, path: str, json: Any = SENTINEL, **kw: Any) -> Any:
        return self.call("POST", self.prefix + path, json=json, **kw)

    def put(self, path: str, json: Any = SENTINEL, **kw: Any) -> Any:
        return self.call("PUT", self.prefix + path, json=json, **kw)

    def patch(self, path: str, json: Any = SENTINEL, **kw: Any) -> Any:
        return self.call("PATCH", self.prefix + path, json=json, **kw)
