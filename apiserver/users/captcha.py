"""Captchas: proof that a person signs up, verified at the provider."""

import logging
import secrets
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import orjson

from apiserver.core.errors import Forbidden

log = logging.getLogger(__name__)

TIMEOUT = 5
LONGEST_VERDICT = 64 * 1024
PROVIDERS = {
    "recaptcha": "https://www.google.com/recaptcha/api/siteverify",
    "hcaptcha": "https://api.hcaptcha.com/siteverify",
    "turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
}


class CaptchaFailed(Forbidden):
    """The captcha's answer is wrong, or can't be verified."""

    sentence = "The captcha was not solved."


def check_captcha(request: Any, answer: str | None) -> None:
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
        with urlopen(Request(url, data=form), timeout=TIMEOUT) as response:  # noqa: S310 (the operator's setting)
            verdict = orjson.loads(response.read(LONGEST_VERDICT))
    except (OSError, HTTPException, ValueError) as error:
        log.warning("The captcha provider does not answer: %s", error)
        return False
    return isinstance(verdict, dict) and verdict.get("success") is True
