"""Registers pages: their routes, and the links between them.

::

    config.add_page("account_sessions", "/account/sessions")
    config.add_account_page("account_sessions", "Sessions")
    config.add_login_link("lost_password", "Forgot your password?")
    config.add_sign_in_way("passkey", "Sign in with a passkey")
    config.add_user_fact("Second factors", count_factors)
    config.add_user_act("reset", "Send a link for a new password", send_link)
    config.add_account_notice("account_delete", tell_of_deletion)
"""

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from apiserver.core.endpoints import Request, outside_prefix
from apiserver.core.http import MAX_QUERY, Taking
from apiserver.core.typing import Row
from apiserver.users.models import User

MAX_FORM = 64 * 1024
# Its parameter "next" is a URL, whose escapes are escaped again.
MAX_LOGIN_QUERY = 5 * MAX_QUERY
METHODS = ("GET", "HEAD", "POST")


def everybody(user: Row) -> bool:
    return True


class Entry(NamedTuple):
    """A link to a page: the name of its route, its text, and a description.

    It is shown to users for whom ``shown`` is true, after links with a smaller
    ``order``.
    """

    route_name: str
    title: str
    description: str = ""
    shown: Callable[[Row], bool] = everybody
    order: int = 100


class Fact(NamedTuple):
    """A line about an account for administrators, given its id."""

    title: str
    tell: Callable[[Request, int], object]


class Act(NamedTuple):
    """A button for administrators that does something with an account.

    The account is locked; the function may raise errors of the API.
    """

    name: str
    title: str
    do: Callable[[Request, User], None]


class Notice(NamedTuple):
    """A notice at the top of the account's overview.

    ``tell`` returns it for a user's id, or nothing; it links to a page.
    """

    route_name: str
    tell: Callable[[Request, int], str | None]


class Pages:
    """The pages that features have added to an application."""

    def __init__(self) -> None:
        # The pages to which a sign-in may return.
        self.route_names: list[str] = []
        self.login_links: list[Entry] = []
        self.sign_in_ways: list[Entry] = []
        self.account: list[Entry] = []
        self.facts: list[Fact] = []
        self.acts: list[Act] = []
        self.notices: list[Notice] = []


def pages_of(request: Request) -> Pages:
    pages: Pages = request.registry.pages
    return pages


def page_view(route_name: str, method: str = "GET") -> view_config:
    """Declare the view of a page, for a method; the view checks who may see it.

    ::

        @page_view("account_sessions", "POST")
        def post_sessions(request: Request) -> Response: ...
    """
    return view_config(
        route_name=route_name,
        request_method=method,
        permission=NO_PERMISSION_REQUIRED,
    )


def add_page(
    config: Configurator,
    name: str,
    path: str,
    *methods: str,
    most_query: int = MAX_QUERY,
    most_body: int = MAX_FORM,
    is_target: bool = True,
) -> None:
    """Add the route of a page, without placeholders, outside of the API's prefix.

    By default it allows GET and POST. After a sign-in users return to it, if it
    ``is_target``. Declare its views by ``page_view``.
    """
    taken = methods or METHODS
    with outside_prefix(config):
        config.add_special_route(
            name,
            path,
            factory=Taking(*taken),
            writes=True,
            same_origin=True,
            most_query=most_query,
            most_body=most_body,
        )
    if is_target:
        config.registry.pages.route_names.append(name)


def add_login_link(config: Configurator, route_name: str, text: str) -> None:
    """Show a link to a page below the login form, for users who can't sign in."""
    config.registry.pages.login_links.append(Entry(route_name, text))


def add_sign_in_way(config: Configurator, route_name: str, text: str) -> None:
    """Show a link to a page that signs in without a password.

    It gets the target of the sign-in as ``next``; its query may be as long as that of
    the login page, ``MAX_LOGIN_QUERY``.
    """
    config.registry.pages.sign_in_ways.append(Entry(route_name, text))


def add_account_page(
    config: Configurator,
    route_name: str,
    title: str,
    description: str = "",
    *,
    shown: Callable[[Row], bool] = everybody,
    order: int = 100,
) -> None:
    """Show a page in the navigation of ``/account/``, which exists once there is one.

    The description is a sentence for the overview. ``shown`` decides for which users.
    Pages are sorted by their ``order``, then in the order of features.
    """
    pages: Pages = config.registry.pages
    if not pages.account:
        config.add_page("account", "/account/", "GET", "HEAD")
        view = "apiserver.auth.browser.account.get_account"
        config.add_view(view, route_name="account", permission=NO_PERMISSION_REQUIRED)
    pages.account.append(Entry(route_name, title, description, shown, order))
    pages.account.sort(key=attrgetter("order"))


def add_user_fact(
    config: Configurator, title: str, tell: Callable[[Request, int], object]
) -> None:
    """Show administrators a line about an account, at ``/admin/user``."""
    config.registry.pages.facts.append(Fact(title, tell))


def add_user_act(
    config: Configurator, name: str, title: str, do: Callable[[Request, User], None]
) -> None:
    """Show administrators a button for an account, at ``/admin/user``."""
    config.registry.pages.acts.append(Act(name, title, do))


def add_account_notice(
    config: Configurator, route_name: str, tell: Callable[[Request, int], str | None]
) -> None:
    """Show a notice at the top of the account's overview."""
    config.registry.pages.notices.append(Notice(route_name, tell))


def home_of(request: Request) -> str:
    """Return the default target of a sign-in."""
    name = "account" if pages_of(request).account else "login"
    path: str = request.route_path(name)
    return path


def includeme(config: Configurator) -> None:
    config.registry.pages = Pages()
    for directive in (
        add_page,
        add_login_link,
        add_sign_in_way,
        add_account_page,
        add_user_fact,
        add_user_act,
        add_account_notice,
    ):
        config.add_directive(directive.__name__, directive)
