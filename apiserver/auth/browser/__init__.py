"""Pages for people, browser sessions, and redirects.

Features add pages with ``routes.py`` and render them with ``pages.py``; ``sign_in.py``
requires a sign-in, and ``account.py`` has the layout of account pages.
"""

from pyramid.config import Configurator

from apiserver.auth.browser.account import account_page
from apiserver.auth.browser.forms import (
    guest_form,
    guest_page,
    login_secret,
    login_secret_cookie,
    own_form,
    tied_form,
)
from apiserver.auth.browser.login import login_page
from apiserver.auth.browser.pages import (
    LEADING_ON,
    PageError,
    error_page,
    form_of,
    from_here,
    lead_to,
    page,
    sentences,
)
from apiserver.auth.browser.redirects import (
    is_documentation,
    is_registered,
    may_be_registered,
)
from apiserver.auth.browser.routes import MAX_LOGIN_QUERY, page_view, pages_of
from apiserver.auth.browser.sessions import (
    cookie,
    cookie_name,
    cookie_value,
    csrf_matches,
    csrf_token,
    end_session,
    find_session,
    is_random,
    keep_session,
    random_value,
    session_cookie,
)
from apiserver.auth.browser.sign_in import (
    SignInNeeded,
    begin_sign_in,
    finish_sign_in,
    fresh,
    fresh_to_change,
    hold_user,
    holder,
    is_fresh,
    lock_user,
    next_of,
    refuse_read_only,
    signed_in,
    signed_in_to_change,
)

__all__ = [
    "LEADING_ON",
    "MAX_LOGIN_QUERY",
    "PageError",
    "SignInNeeded",
    "account_page",
    "begin_sign_in",
    "cookie",
    "cookie_name",
    "cookie_value",
    "csrf_matches",
    "csrf_token",
    "end_session",
    "error_page",
    "find_session",
    "finish_sign_in",
    "form_of",
    "fresh",
    "fresh_to_change",
    "from_here",
    "guest_form",
    "guest_page",
    "hold_user",
    "holder",
    "is_documentation",
    "is_fresh",
    "is_random",
    "is_registered",
    "keep_session",
    "lead_to",
    "lock_user",
    "login_page",
    "login_secret",
    "login_secret_cookie",
    "may_be_registered",
    "next_of",
    "own_form",
    "page",
    "page_view",
    "pages_of",
    "random_value",
    "refuse_read_only",
    "sentences",
    "session_cookie",
    "signed_in",
    "signed_in_to_change",
    "tied_form",
]


def includeme(config: Configurator) -> None:
    config.include(".routes")
    config.include(".sign_in")
    config.add_exception_view(error_page, context=PageError)
