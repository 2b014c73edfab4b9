"""Asks servers of others by HTTP, which may be slow, endless or hostile.

A thread asks: sockets have a time-out for each read, resolvers one of their own. One
whose server keeps sending outlives its request; so there are only so many.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.request import HTTPErrorProcessor, Request, build_opener

T = TypeVar("T")


class NoAnswer(Exception):
    """There is none, or not in time; the message says why."""


class Answer(NamedTuple):
    """What a server has answered."""

    status: int
    body: bytes


class AnyStatus(HTTPErrorProcessor):
    """Takes each answer as it is: nobody is led elsewhere, with what was sent."""

    def http_response(self, request: Request, response: object) -> object:
        return response

    https_response = http_response


OPENER = build_opener(AnyStatus)


class Asking:
    """Threads that ask, ``most`` at once; more are told at once that nobody answers."""

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
            raise NoAnswer(f"it did not respond within {seconds} s") from None

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
    """Get what is there, or post the data; return the answer, of up to so many bytes.

    ``timeout`` is for each read. Raises NoAnswer, OSError, HTTPException, ValueError.
    """
    asked = Request(url, data=data, headers={**headers})  # noqa: S310 (of settings, or checked)
    with OPENER.open(asked, timeout=timeout) as response:
        body: bytes = response.read(most + 1)
    if len(body) > most:
        raise NoAnswer(f"it sends more than {most} bytes")
    return Answer(response.status, body)
