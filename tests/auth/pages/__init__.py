"""A feature of tests with pages: one of the account, and a step of the sign-in."""

import json

from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from apiserver.auth.browser import (
    PageError,
    account_page,
    finish_sign_in,
    form_of,
    fresh,
    hold_user,
    lead_to,
    own_form,
    page,
    signed_in,
)

TEMPLATES = "tests.auth.pages:templates/"
view = {"permission": NO_PERMISSION_REQUIRED}


@view_config(route_name="shelf", request_method="GET", **view)
def get_shelf(request):
    session = signed_in(request)
    return account_page(request, session, f"{TEMPLATES}shelf.jinja2", books=["Emma"])


@view_config(route_name="shelf", request_method="POST", **view)
def post_shelf(request):
    own_form(request)
    fresh(request)
    return lead_to(request.route_path("shelf"))


@view_config(route_name="riddle", request_method="POST", **view)
def post_riddle(request):
    """The second proof; a real one knows by itself who gave the first."""
    form = form_of(request)
    user = hold_user(request, **json.loads(form["user"]))
    if user is None or form.get("answer") != "42":
        raise PageError("That is not it.", 403)
    return finish_sign_in(request, user, methods=("pwd", "kba"), target=form["next"])


def ask_riddle(request, user, *, methods, target):
    """Ask everybody who is careful for a second proof."""
    if methods != ("pwd",) or not user.username.startswith("careful"):
        return None
    asked = json.dumps({"user_id": user.id, "epoch": user.epoch})
    return page(request, f"{TEMPLATES}riddle.jinja2", asked=asked, target=target)


def includeme(config):
    config.require_feature("auth")
    config.add_page("shelf", "/account/shelf")
    config.add_page("riddle", "/auth/riddle", "POST", is_target=False)
    config.add_page("library", "/library", "GET", "HEAD")
    config.add_account_page("shelf", "Shelf", "What you read.")
    config.add_login_link("library", "Lost in the library?")
    config.add_sign_in_step(ask_riddle)
    config.add_acr_value("sworn", lambda amr: "kba" in amr)
    config.scan(__name__)
