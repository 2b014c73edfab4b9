"""Sends HTTP requests to other servers, which may be slow, endless or hostile.

Threads send them, since time-outs of sockets and resolvers limit no whole request.
If a server keeps sending, its thread outlives the request: the number is limited.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.request import HTTPErrorProcessor, Request, build_opener

T = TypeVar("T")


class NoAnswer(Exception):
    """No valid response in time; the message says why."""


class Answer(NamedTuple):
    """The response of a server."""

    status: int
    body: bytes


class AnyStatus(HTTPErrorProcessor):
    """Accepts every status, and follows no redirect, which would resend the request."""

    def http_response(self, request: Request, response: object) -> object:
        return response

    https_response = http_response


OPENER = build_opener(AnyStatus)


class Asking:
    """Threads that send requests, up to ``most`` at once; further ones fail at once."""

    def __init__(self, most: int) -> None:
        self.turns = BoundedSemaphore(most)

    def ask(self, question: Callable[[], T], *, seconds: float) -> T:
        """Return what the function returns, or raise what it raises.

        Raises NoAnswer if that takes longer, or too many are asking already.
        """
        if not self.turns.acquire(blocking=False):
            raise NoAnswer("too many requests are waiting")
        answer: Future[T] = Future()
        Thread(target=self.fill, args=(answer, question), daemon=True).start()
        try:
            return answer.result(timeout=seconds)
        except TimeoutError:
            raise NoAnswer(f"no response within {seconds} s") from None

    def fill(self, answer: "Future[T]", question: Callable[[], T]) -> None:
        try:
            result = question()
        except Exception as error:  # noqa: BLE001 (raised where it is waited for)
            self.turns.release()
            answer.set_exception(error)
        else:
            self.turns.release()
            answer.set_result(result)


def fetch(
    url: str,
    *,
    most: int,
    timeout: float,
    data: bytes | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Send a GET, or a POST with data; return the response, of up to ``most`` bytes.

    ``timeout`` is for each read. Raises NoAnswer, OSError, HTTPException, ValueError.
    """
    asked = Request(url, data=data, headers={**headers})  # noqa: S310 (of settings, or checked)
    with OPENER.open(asked, timeout=timeout) as response:
        body: bytes = response.read(most + 1)
    if len(body) > most:
        raise NoAnswer(f"the response has more than {most} bytes")
    return Answer(response.status, body)
