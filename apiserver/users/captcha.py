"""Captchas: proof that a person signs up, verified at the provider."""

import logging
import secrets
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener

import orjson

from apiserver.core.endpoints import Request
from apiserver.core.http import Forbidden

log = logging.getLogger(__name__)

# Seconds until the provider must have answered, whatever takes so long.
TIMEOUT = 5
LONGEST_VERDICT = 64 * 1024
# Threads that ask. One whose provider keeps sending outlives its request.
MOST_AT_ONCE = 16
ASKING = BoundedSemaphore(MOST_AT_ONCE)
PROVIDERS = {
    "recaptcha": "https://www.google.com/recaptcha/api/siteverify",
    "hcaptcha": "https://api.hcaptcha.com/siteverify",
    "turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
}


class CaptchaFailed(Forbidden):
    """The captcha's answer is wrong, or can't be verified."""

    sentence = "The captcha was not solved."


def check_captcha(request: Request, answer: str | None) -> None:
    """Raise CaptchaFailed unless the answer is right; also when nobody can say."""
    provider: str = request.setting("captcha")
    secret: str = request.setting("captcha_secret")
    if provider == "off":
        return
    if not answer:
        raise CaptchaFailed
    if provider == "static":
        solved = secrets.compare_digest(answer.encode(), secret.encode())
    else:
        url = request.setting("captcha_url") or PROVIDERS[provider]
        solved = verify(url, secret=secret, answer=answer)
    if not solved:
        raise CaptchaFailed


class NoRedirects(HTTPRedirectHandler):
    """Takes a redirect for an error: the secret is for the provider alone."""

    def redirect_request(self, *args: object) -> None:
        return None


OPENER = build_opener(NoRedirects)


def verify(url: str, *, secret: str, answer: str) -> bool:
    """Ask the provider; False if it says no, or nothing within the time-out.

    A thread asks: sockets have a time-out for each read, resolvers one of their own.
    """
    form = urlencode({"secret": secret, "response": answer}).encode()
    verdicts: SimpleQueue[bool] = SimpleQueue()
    if not ASKING.acquire(blocking=False):
        log.warning(
            "The captcha provider is not responding: too many requests are waiting"
        )
        return False
    Thread(target=fetch_verdict, args=(url, form, verdicts), daemon=True).start()
    try:
        return verdicts.get(timeout=TIMEOUT)
    except Empty:
        log.warning("The captcha provider did not respond within %s s", TIMEOUT)
        return False


def fetch_verdict(url: str, form: bytes, verdicts: SimpleQueue[bool]) -> None:
    """Put into the queue what the provider says, or False where that is nothing."""
    verdict = None
    try:
        with OPENER.open(url, data=form, timeout=TIMEOUT) as response:
            body = response.read(LONGEST_VERDICT + 1)
            if len(body) <= LONGEST_VERDICT:
                verdict = orjson.loads(body)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("The captcha provider is not responding: %s", error)
    finally:
        ASKING.release()
        verdicts.put(isinstance(verdict, dict) and verdict.get("success") is True)
