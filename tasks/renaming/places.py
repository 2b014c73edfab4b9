"""Where a text contains the project's name, and in which form.

A name may be a word of the language, too. So it counts only where it is one: in imports
and dotted names, paths, quotes, variables of the environment, and the lines of settings
below. "To store" and ``no-store`` stay as they are in a project that is called store.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

from tasks.renaming.names import Name

FORMS = ("plain", "hyphen", "variable", "camel", "joined")

# What comes before and after; ~ stands for the name.
START = r"(?:(?<![\w.-])|(?<=\\[bn]))"
END = r"(?![\w-])"

# What may have no underscore: distributions, images, names of Kubernetes and systemd.
HYPHEN = (
    START + r"~(?=-[a-z])",
    START + r"~(?=@)",
    START + r"~(?=\\?\[[a-z])",
    START + r"~(?= \(setup\.py\))",
    r'(?<=\bname=")~(?=")',
    r'(?<="name": ")~(?=")',
    r"(?<=\bname: )~" + END,
    r"(?<=\bsecretName: )~" + END,
    r"(?<= generic )~" + END,
    r"(?<=deployment/)~" + END,
    r"(?<=\.example\.com/)~(?=:)",
    r"(?<=--tag )~" + END,
    r"(?<=image: )~(?=:)",
)

# The metrics, and databases that tests make.
SERIES = r"events|job|password|read|request|write|benchmark|\{"

# What the command is followed by.
COMMAND = (
    "COMMAND|create|delete|init|list|purge|remove|reseal|reset|retry|revoke|rotate|send"
    "|set|worker"
)
COMMANDS = rf"(?:(?:{COMMAND})\b|\{{|--?[a-z])"

PLAIN = (
    START + r"""~(?=\.[\w<{*\\("'`]|\\\.)""",
    r"(?<=com\.example\.)~" + END,
    START + r"~(?=/)",
    START + r"~(?=\|[a-z])",
    r"(?<=/)~(?=_client\b|(?![\w-]))",
    START + r"~(?=-[*\d])",
    START + r"~(?=:[a-z])",
    START + rf"~(?=,?\s{COMMANDS})",
    START + r"~(?=_client\b)",
    r"(?<=\bfrom )~(?=\.| import\b)",
    r"(?<=\bimport )~(?=$|[.,]| as\b)",
    r"""(?<=["'`])~(?=\\?["'`])""",
    rf"""(?<=["'`^])~(?=_(?:{SERIES}))""",
    r'(?<=")~(?= = ~[.:])',
    r'(?<= -> )~(?=")',
    r"(?<=\bsetattr\()~(?=,)",
    r"(?<=egg:)~" + END,
    r"(?<=\blogger_)~" + END,
    r"(?<=\bqualname = )~$",
    r"(?<=\bkeys = root, )~(?=,)",
    r"(?<=\bUser=)~$",
    r"(?<=\bGroup=)~$",
    r"(?<=\busername=)~" + END,
    r"(?<=\bdbname=)~" + END,
    r"(?<=SMTP_USERNAME=)~$",
    r"(?<=SMTP_USERNAME: )~$",
    r"(?<=\.smtp_username = )~$",
    r"(?<=\bPOSTGRES_USER: )~$",
    r"(?<=\bPOSTGRES_DB: )~$",
    r"(?<=\bgitUserId: )~$",
    r"(?<=^COPY )~(?= ~$)",
    r"(?<=^COPY ~ )~$",
    r"(?<=^recursive-include )~(?= )",
    r"(?<=^!)~$",
    r"(?<=^# )~$",
    r"(?<=# )~(?=\\n)",
    r"(?<=/nologin )~$",
)


@cache
def pattern(name: Name) -> re.Pattern[str]:
    """Return a pattern that finds the name; the matching group is its form."""
    names = f"(?:{'|'.join(sorted({name.plain, name.hyphen}, reverse=True))})"
    forms = {
        # ~ within what must come before is of one length only.
        form: "|".join(
            context.replace("COPY ~", f"COPY {name.plain}").replace("~", names)
            for context in contexts
        )
        for form, contexts in (("hyphen", HYPHEN), ("plain", PLAIN))
    }
    return re.compile(
        rf"(?P<hyphen>{forms['hyphen']})|(?P<plain>{forms['plain']})"
        rf"|(?<![A-Za-z0-9_])(?P<variable>{name.variable})(?=_)"
        rf"|(?<![A-Za-z])(?P<camel>{name.camel})(?=Client)"
        rf"|(?<![A-Za-z])(?P<joined>{name.joined})(?=client)",
        re.MULTILINE,
    )


def found(text: str, name: Name) -> Iterator[re.Match[str]]:
    """Yield matches of the name in a text; the matching group is its form."""
    # A search for the contexts alone would try all of them at each character.
    forms = {getattr(name, form) for form in FORMS}
    packages = identifiers(text, name)
    for candidate in re.finditer("|".join(sorted(forms, reverse=True)), text):
        start = candidate.start()
        if start in packages:
            yield identifier(name).match(text, start)  # type: ignore[misc] # it is there
        elif match := pattern(name).match(text, start):
            yield match


@cache
def identifier(name: Name) -> re.Pattern[str]:
    """Return a pattern that finds the package's name in code."""
    return re.compile(f"(?P<plain>{name.plain})")


def identifiers(text: str, name: Name) -> set[int]:
    """Return where the code of a module that imports the package names it.

    In modules that don't, a variable may be called the same.
    """
    if not re.search(rf"(?m)^[ \t]*import {name.plain}\b", text):
        return set()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return set()  # Not a module, but text that shows one.
    return {
        starts[token.start[0] - 1] + token.start[1]
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if token.string == name.plain
        # Another's attribute, or a keyword.
        and before.string != "."
        and after.string != "="
    }


def replace(text: str, old: Name, new: Name) -> str:
    """Replace the old name with the new one everywhere."""
    parts, end = [], 0
    for match in found(text, old):
        parts += [text[end : match.start()], getattr(new, match.lastgroup or "")]
        end = match.end()
    return "".join([*parts, text[end:]])


def first_line(text: str, name: Name) -> int:
    """Return the number of the first line with the name, 0 if there is none."""
    first = next(found(text, name), None)
    return text.count("\n", 0, first.start()) + 1 if first else 0
