"""The pages of development that show mails: ``/mail/``.

Never in production: what is in a mail is for its recipient.
"""

import re

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import select

from apiserver.core.endpoints import Request, outside_prefix
from apiserver.core.http import NO_STORE, READING, NotFound, Response
from apiserver.core.typing import Fragment
from apiserver.mail.models import ShownMail

# No script, and nothing from elsewhere; a mail's HTML is in its own frame.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Like mail clients: no script, nothing from elsewhere; links open a new window.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
LISTED = select(
    *(ShownMail.id, ShownMail.created, ShownMail.recipient, ShownMail.subject)
).order_by(ShownMail.id.desc())
_ID = re.compile(r"[1-9][0-9]{0,17}")


def list_mails(request: Request) -> Fragment:
    """Show the mails, newest first."""
    return {"mails": request.db.execute(LISTED).all(), **prepared(request)}


def show_mail(request: Request) -> Fragment:
    """Show a mail: its text with links, and its HTML."""
    mail = find(request)
    issuer: str = request.setting("issuer")
    parts = re.split(r"(\s+)", mail.text)
    words = [(part, part.startswith(f"{issuer}/")) for part in parts]
    return {"mail": mail, "words": words, **prepared(request)}


def show_html(request: Request) -> Response:
    """Show the HTML of a mail by itself."""
    # Otherwise links would open in the frame, which can't show this server's pages.
    body = find(request).html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(
        app_iter=[body.encode()],
        headerlist=[
            ("Content-Type", "text/html; charset=UTF-8"),
            ("Content-Security-Policy", MAIL_POLICY),
            NO_STORE,
        ],
    )


def prepared(request: Request) -> Fragment:
    request.response.headers["Content-Security-Policy"] = PAGE_POLICY
    request.response.headers["Cache-Control"] = "no-store"
    return {"title": request.setting("title")}


def find(request: Request) -> ShownMail:
    number: str = request.matchdict["id"]
    mail = request.db.get(ShownMail, int(number)) if _ID.fullmatch(number) else None
    if mail is None:
        raise NotFound
    return mail


def includeme(config: Configurator) -> None:
    folder = "apiserver.mail:templates"
    pages = {
        "mails": ("/mail/", list_mails, f"{folder}/mails.jinja2"),
        "mail": ("/mail/{id}", show_mail, f"{folder}/mail.jinja2"),
        "mail_html": ("/mail/{id}/html", show_html, None),
    }
    with outside_prefix(config):
        for name, (path, view, template) in pages.items():
            config.add_route(name, path, factory=READING)
            config.add_view(
                view,
                route_name=name,
                renderer=template,
                permission=NO_PERMISSION_REQUIRED,
            )
