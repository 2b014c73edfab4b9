"""Wait for a fresh development server, sign in, and ask it who I am.

Needs the standard library alone: it runs beside an installation without test tools.
"""

import json
import sys
import time
import urllib.error
import urllib.request

SIGN_IN = (
    "/auth/oauth2/token?grant_type=password&client_id=documentation"
    "&username=root&password=q"
)


def main(server: str) -> None:
    """Ask for a token, and for the user that it stands for."""
    wait_for(server)
    token = ask(server + SIGN_IN)["access_token"]
    user = ask(server + "/api/v1/users/me", {"Authorization": f"Bearer {token}"})
    assert user["username"] == "root", user


def wait_for(server: str, seconds: int = 240) -> None:
    """Return once the server answers, with whatever; it may have to be installed."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(server).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
        else:
            return


def ask(url: str, headers: dict[str, str] | None = None) -> dict:
    """GET a JSON document."""
    request = urllib.request.Request(url, headers=headers or {})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(sys.argv[1])
