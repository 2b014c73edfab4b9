"""Settings: the ini file, the environment, the database; errors in one sentence.

The other modules are public, too: ``from apiserver.core.settings import ini``.
"""

from apiserver.core.settings.declared import (
    MOST_DIGITS,
    OWN_PATHS,
    PREFIX,
    Parser,
    add_setting,
    boolean,
    count,
    count_up_to,
    name,
    number_up_to,
    one_of,
    origins,
    path,
    refuse_unknown,
    seconds,
    seconds_up_to,
    text,
    word,
    words,
)

__all__ = [
    "MOST_DIGITS",
    "OWN_PATHS",
    "PREFIX",
    "Parser",
    "add_setting",
    "boolean",
    "count",
    "count_up_to",
    "name",
    "number_up_to",
    "one_of",
    "origins",
    "path",
    "refuse_unknown",
    "seconds",
    "seconds_up_to",
    "text",
    "word",
    "words",
]
