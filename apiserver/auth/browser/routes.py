"""Which pages there are: their routes, and what leads from one to others.

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
# It names a URL to go to next, whose escaped characters are escaped once more.
MAX_LOGIN_QUERY = 5 * MAX_QUERY
METHODS = ("GET", "HEAD", "POST")


def everybody(user: Row) -> bool:
    return True


class Entry(NamedTuple):
    """A link to a page: the name of its route, what a person reads, and more of it.

    It is shown to those users for whom ``shown`` is true, after those of a smaller
    ``order``.
    """

    route_name: str
    title: str
    description: str = ""
    shown: Callable[[Row], bool] = everybody
    order: int = 100


class Fact(NamedTuple):
    """What a feature tells administrators of an account, by its id."""

    title: str
    tell: Callable[[Request, int], object]


class Act(NamedTuple):
    """What administrators may let a feature do with an account.

    The account is locked by then; it raises what the API raises.
    """

    name: str
    title: str
    do: Callable[[Request, User], None]


class Notice(NamedTuple):
    """What the overview of an account begins with, if there is anything to tell.

    ``tell`` returns it for a user's id, or nothing; more of it is on a page.
    """

    route_name: str
    tell: Callable[[Request, int], str | None]


class Pages:
    """The pages of an application, as features have added them."""

    def __init__(self) -> None:
        # To where a sign-in may lead back.
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
    """Declare the view of a page, for a method; each finds out itself who may see it.

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

    By default it takes GET and POST. Who has to sign in first is led back to it, if it
    ``is_target``. Its views are declared by ``page_view``.
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
    """Show a link to a page below the login form, for who can't sign in."""
    config.registry.pages.login_links.append(Entry(route_name, text))


def add_sign_in_way(config: Configurator, route_name: str, text: str) -> None:
    """Show a link to a page that signs in without a password.

    It is given where the sign-in leads, as ``next``; its query may be as long as that
    of the login page, which is ``MAX_LOGIN_QUERY``.
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
    """Show a page in the navigation of ``/account/``, which the first one brings.

    The description is a sentence for the overview. ``shown`` says to which users. The
    pages stand by their ``order``, and those of the same in the order of features.
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
    """Tell administrators something of an account, at ``/admin/user``."""
    config.registry.pages.facts.append(Fact(title, tell))


def add_user_act(
    config: Configurator, name: str, title: str, do: Callable[[Request, User], None]
) -> None:
    """Let administrators do something with an account, at ``/admin/user``."""
    config.registry.pages.acts.append(Act(name, title, do))


def add_account_notice(
    config: Configurator, route_name: str, tell: Callable[[Request, int], str | None]
) -> None:
    """Begin the overview of an account with a sentence, where there is one."""
    config.registry.pages.notices.append(Notice(route_name, tell))


def home_of(request: Request) -> str:
    """Return where a sign-in leads that was on the way to nowhere else."""
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
