"""Requests at the same moment, to several processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
from sqlalchemy import Select, select

from apiserver.auth.models import OAuth2Grant, OAuth2Token
from apiserver.auth.policy import live

Call = Callable[[], httpx.Response]


def at_once(calls: Sequence[Call]) -> list[httpx.Response]:
    """Send the requests at once, and return their answers in the same order."""
    ready = Barrier(len(calls))

    def send(call: Call) -> httpx.Response:
        ready.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(send, calls))


def statuses(responses: Sequence[httpx.Response]) -> list[int]:
    return sorted(response.status_code for response in responses)


def live_tokens(client: Any) -> Select[Any]:
    """Return the statement for the tokens of a client that are good for something."""
    return live(
        select(OAuth2Token.digest)
        .join(OAuth2Grant, OAuth2Grant.id == OAuth2Token.grant_id)
        .where(OAuth2Grant.client_id == client.id, OAuth2Token.consumed.is_(None))
    )
