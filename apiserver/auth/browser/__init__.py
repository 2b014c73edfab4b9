"""What a browser sees: pages, who has signed in there, where it may be sent."""

from apiserver.auth.browser.pages import (
    LEADING_ON,
    PageError,
    error_page,
    form_of,
    lead_to,
    page,
)
from apiserver.auth.browser.redirects import (
    is_documentation,
    is_registered,
    may_be_registered,
)
from apiserver.auth.browser.sessions import (
    csrf_matches,
    csrf_token,
    find_session,
    session_cookie,
)

__all__ = [
    "LEADING_ON",
    "PageError",
    "csrf_matches",
    "csrf_token",
    "error_page",
    "find_session",
    "form_of",
    "is_documentation",
    "is_registered",
    "lead_to",
    "may_be_registered",
    "page",
    "session_cookie",
]
