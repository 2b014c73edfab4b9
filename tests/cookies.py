"""The names of the server's cookies: a clone that is renamed has others."""

import apiserver

PLAIN_SESSION = f"{apiserver.__name__}_session"
PLAIN_LOGIN = f"{apiserver.__name__}_login"
SESSION = f"__Host-{PLAIN_SESSION}"
LOGIN = f"__Host-{PLAIN_LOGIN}"
IDENTITY = f"__Host-{apiserver.__name__}_identity"
