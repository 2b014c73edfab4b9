"""The answer as views make it."""

from typing import Any

import pyramid.response


class Response(pyramid.response.Response):
    """A response that leaves a relative ``Location`` as it is (RFC 9110 section 10.2.2).

    WebOb would make it absolute with the request's ``Host``, which is the client's word.
    """

    def _abs_headerlist(self, environ: Any) -> list[tuple[str, str]]:
        return list(self.headerlist)
