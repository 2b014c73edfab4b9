"""The layout of account pages, with the navigation, and the overview."""

from apiserver.auth.browser.pages import TEMPLATES, page
from apiserver.auth.browser.routes import pages_of
from apiserver.auth.browser.sessions import csrf_token, session_cookie
from apiserver.auth.browser.sign_in import signed_in
from apiserver.core.endpoints import Request
from apiserver.core.http import Header, Response
from apiserver.core.typing import Row


def account_page(
    request: Request,
    session: Row,
    template: str,
    *headers: Header,
    status: int = 200,
    **values: object,
) -> Response:
    """Render a page of the signed-in user's account.

    The template extends ``apiserver.auth.browser:templates/account.jinja2``, and fills
    ``title`` and ``content``; ``csrf`` is for its forms.
    """
    common = {
        "csrf": csrf_token(session_cookie(request) or ""),
        "username": session.user.username,
        "entries": [e for e in pages_of(request).account if e.shown(session.user)],
    }
    return page(request, template, *headers, status=status, **{**common, **values})


def get_account(request: Request) -> Response:
    """Show the overview of the account."""
    session = signed_in(request)
    told = [
        (notice.route_name, notice.tell(request, session.user.id))
        for notice in pages_of(request).notices
    ]
    notices = [each for each in told if each[1]]
    template = f"{TEMPLATES}overview.jinja2"
    return account_page(request, session, template, notices=notices)
