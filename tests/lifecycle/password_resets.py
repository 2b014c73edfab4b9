"""People who have lost their passwords, and get links."""

from hypothesis.stateful import Bundle, multiple, rule

from tests.lifecycle.world import Link, World, addresses, passwords


class PasswordResets(World):
    """Links for new passwords."""

    resets = Bundle("resets")

    @rule(target=resets, address=addresses)
    def lose_password(self, address):
        assert self.call("/auth/password-resets/", {"email": address}).status_int == 202
        account, token = self.owner_of(address), self.mailed(address)
        assert (token is not None) == bool(account and account.is_active)
        if account is None or token is None:
            return multiple()
        account.reset = Link(token, address, account, account.epoch)
        return account.reset

    @rule(link=resets, password=passwords)
    def reset_password(self, link, password):
        account = link.account
        body = {"token": link.token, "password": password}
        answer = self.call("/auth/password-resets/confirmation", body)
        works = (
            link is account.reset
            and link.epoch == account.epoch
            and link.address == account.address
            and account.is_active
        )
        assert answer.status_int == (204 if works else 422)
        if works:
            account.password = password
            self.end_grants(account)
        # The notice has no token.
        assert self.mailed(account.address) is None
