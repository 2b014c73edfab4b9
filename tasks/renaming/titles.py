"""The title of the API, shown by the documentation and the landing page."""

import json
import re
from pathlib import Path

from tasks.renaming.names import BadName, Name

INIS = (Path("development.ini"), Path("production.ini"))
DOCUMENTS = (Path("docs/swagger.json"), Path("docs/openapi.json"))
LONGEST = 80


def check(title: str) -> None:
    """Raise BadName if an ini file can't hold the title in one line."""
    if not title.isprintable() or title != title.strip() or len(title) > LONGEST:
        raise BadName(
            f"The title must be one line of at most {LONGEST} characters, without "
            "surrounding whitespace."
        )


def write(files: dict[Path, str], name: Name, title: str) -> dict[Path, str]:
    """Return the files with the title changed, after the name was replaced."""
    document = json.loads(files[DOCUMENTS[0]])
    old = document["info"]["title"]
    changed = {}
    for path in DOCUMENTS:
        line = '"title": {}'.format
        before, after = (json.dumps(each, ensure_ascii=False) for each in (old, title))
        changed[path] = files[path].replace(line(before), line(after), 1)
    for path in INIS:
        changed[path] = with_setting(files[path], f"{name.plain}.title", title)
    return changed


def with_setting(ini: str, setting: str, title: str) -> str:
    """Return an ini file with the setting changed, or new above the features."""
    line = f"{setting} = {title.replace('%', '%%')}"
    name = re.escape(setting)
    if re.search(rf"(?m)^{name} *=", ini):
        return re.sub(rf"(?m)^{name} *=.*", lambda _: line, ini)
    features = re.escape(setting.replace(".title", ".features"))
    return re.sub(rf"(?m)^(?={features} *=)", lambda _: f"{line}\n", ini, count=1)
