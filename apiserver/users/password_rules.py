"""Which new passwords are taken: long ones that are hard to guess, of any characters.

There are no rules of composition (NIST SP 800-63B section 3.1.1.2).
"""

import re
from collections.abc import Iterable
from threading import Lock

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from apiserver.core.http import ValidationFailed
from apiserver.users.names import canonical

# Of 4: still hard to guess where someone has got hold of the hashes.
LEAST_SCORE = 3
# zxcvbn takes up to 72 characters, and time with the square of their number: of these,
# at most 80 ms.
SCORED = 60
# It tries every way in which signs may stand for letters: that takes seconds where
# there are many kinds of them.
SIGNS = frozenset(sign for signs in L33T_TABLE.values() for sign in signs)
MOST_SIGNS = 8
# It keeps the words of the call in a global variable.
ONE_AT_A_TIME = Lock()
# A shorter word is in many passwords by chance.
SHORTEST_WORD = 4

PERSONAL_WORD = "Must not contain your username, names or email address."
EASY = "Is too easy to guess; use several unrelated words."

PERSONAL = ("username", "email", "first_name", "middle_name", "last_name")


class PasswordIsPersonal(ValidationFailed):
    def __init__(self) -> None:
        super().__init__(("body", "password", PERSONAL_WORD))


class PasswordIsEasy(ValidationFailed):
    def __init__(self) -> None:
        super().__init__(("body", "password", EASY))


def check_new_password(password: str, account: object) -> None:
    """Raise PasswordIsPersonal or PasswordIsEasy for one that others may guess.

    ``account`` has the attributes that it must not be made of. It takes a while: to be
    called before anything is locked.
    """
    words = check_personal(password, account)
    with ONE_AT_A_TIME:
        score = zxcvbn(scored_part(password), user_inputs=words)["score"]
    if score < LEAST_SCORE:
        raise PasswordIsEasy


def check_personal(password: str, account: object) -> list[str]:
    """Raise PasswordIsPersonal for one that is made of the account's names.

    Return the words that these have.
    """
    words = words_of(getattr(account, name) for name in PERSONAL)
    text = canonical(password)
    if any(word in text for word in words):
        raise PasswordIsPersonal
    return words


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the texts, and the words in them, as they are compared."""
    words: set[str] = set()
    for text in map(canonical, texts):
        words.update((text, *re.split(r"[\W_]+", text)))
    return sorted(word for word in words if len(word) >= SHORTEST_WORD)


def scored_part(password: str) -> str:
    """Return the beginning, without further kinds of signs where there are many."""
    part = password[:SCORED]
    kinds = list(dict.fromkeys(sign for sign in part if sign in SIGNS))
    return "".join(sign for sign in part if sign not in kinds[MOST_SIGNS:])
