"""Limits on mails to one recipient, and on those that one network address asks for."""

from pyramid.config import Configurator

from apiserver.core import settings
from apiserver.core.audit import FAILURE, record
from apiserver.core.db import count_try, counter_key
from apiserver.core.endpoints import Request
from apiserver.core.http import TooManyRequests
from apiserver.core.jobs import Run
from apiserver.mail.models import MailCounter


def limit_mails(request: Request) -> None:
    """Count a mail that a request asks for; raise TooManyRequests for too many.

    It counts only by network address, so that the response reveals nothing about the
    recipient. Views call it in ``prepare``, before they lock or look up anything.
    """
    counter = counter_key("mail", request.network)
    limit: int = request.setting("mails_per_address")
    window: int = request.setting("mail_window")
    tried = count_try(request.db, MailCounter, counter, window=window)
    if tried.number > limit:
        # Recorded once: further ones are not even stored.
        if tried.number == limit + 1:
            record(request, "throttled", FAILURE, target=counter)
            # The refusal must not undo the count.
            request.must_commit = True
        raise TooManyRequests(tried.wait)


def is_over(run: Run, recipient: str) -> bool:
    """Count a mail to a recipient; return whether there are too many in this window.

    A job counts once: a further attempt sends the same mail.
    """
    values = run.registry.settings
    if run.attempt > 1:
        return False
    counter = counter_key("recipient", recipient.casefold())
    window: int = values["apiserver.mail_window"]
    tried = count_try(run.db, MailCounter, counter, window=window)
    limit: int = values["apiserver.mails_per_recipient"]
    return tried.number > limit


def includeme(config: Configurator) -> None:
    config.add_setting("mails_per_recipient", settings.count, "10")
    config.add_setting("mails_per_address", settings.count, "30")
    config.add_setting("mail_window", settings.seconds, "3600")
