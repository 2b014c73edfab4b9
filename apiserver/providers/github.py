"""The client of GitHub, which speaks OAuth 2.0 and an API of its own."""

from apiserver.core.typing import Fragment
from apiserver.providers.clients import Identity, ProviderClient, Way, text
from apiserver.providers.declared import GITHUB_ISSUER
from apiserver.providers.talking import Refused, Unreachable

VERSION = {"X-GitHub-Api-Version": "2022-11-28"}


class GitHubClient(ProviderClient):
    """The client of GitHub, or of a GitHub Enterprise Server."""

    scope = "user:email"

    def endpoints(self) -> Fragment:
        base = self.provider.issuer.removesuffix("/")
        is_public = base == GITHUB_ISSUER
        return {
            "authorization_endpoint": f"{base}/login/oauth/authorize",
            "token_endpoint": f"{base}/login/oauth/access_token",
            "api": "https://api.github.com" if is_public else f"{base}/api/v3",
        }

    def identify(self, *, way: Way, code: str, iss: str | None) -> Identity:
        endpoints = self.endpoints()
        token = self.redeem(
            endpoints["token_endpoint"],
            way=way,
            code=code,
            method="client_secret_post",
        )["access_token"]
        user = self.session.get_object(f"{endpoints['api']}/user", token=token)
        number, login = user.get("id"), text(user.get("login"), 80)
        if not isinstance(number, int) or isinstance(number, bool):
            raise Refused("the user has no id")
        email = self.email(f"{endpoints['api']}/user/emails", token)
        return Identity(str(number), login or str(number), email, login)

    def email(self, url: str, token: str) -> str | None:
        """Return the primary address, if it is verified and may be read, or None."""
        reply = self.session.get(url, token=token, **VERSION)
        if reply.status_code in {403, 404}:
            return None
        reply.raise_for_status()
        try:
            addresses = reply.json()
        except ValueError as error:
            raise Unreachable("the list of addresses isn't valid JSON") from error
        for each in addresses if isinstance(addresses, list) else ():
            if not isinstance(each, dict) or each.get("primary") is not True:
                continue
            if each.get("verified") is True:
                return text(each.get("email")) or None
        return None
