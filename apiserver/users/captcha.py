"""Captchas: proof that a person signs up, verified at the provider."""

import logging
import secrets
from http.client import OK, HTTPException
from urllib.parse import urlencode

import orjson

from apiserver.core.endpoints import Request
from apiserver.core.http import Forbidden
from apiserver.core.typing import Json
from apiserver.users.asking import Asking, NoAnswer, fetch

log = logging.getLogger(__name__)

# Seconds until the provider must have answered, whatever takes so long.
TIMEOUT = 5
LONGEST_VERDICT = 64 * 1024
MOST_AT_ONCE = 16
ASKING = Asking(MOST_AT_ONCE)
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


def verify(url: str, *, secret: str, answer: str) -> bool:
    """Ask the provider; False if it says no, or nothing within the time-out."""
    form = urlencode({"secret": secret, "response": answer}).encode()
    try:
        verdict = ASKING.ask(lambda: fetch_verdict(url, form), seconds=TIMEOUT)
    except (NoAnswer, OSError, HTTPException, ValueError) as error:
        log.warning("The captcha provider has failed: %s", error)
        return False
    return isinstance(verdict, dict) and verdict.get("success") is True


def fetch_verdict(url: str, form: bytes) -> Json:
    """Return what the provider says; raise NoAnswer unless its status is 200."""
    status, body = fetch(url, data=form, most=LONGEST_VERDICT, timeout=TIMEOUT)
    if status != OK:
        raise NoAnswer(f"the response has status {status}")
    return orjson.loads(body)
