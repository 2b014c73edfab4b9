"""People who sign up by a link, change their address, and take one back."""

from hypothesis.stateful import Bundle, multiple, rule

from tests.lifecycle.world import (
    Account,
    Link,
    World,
    addresses,
    passwords,
    rule_for,
    usernames,
)

GONE = 422


class Addresses(World):
    """Sign-ups, and changes of addresses."""

    sign_ups = Bundle("sign_ups")
    changes = Bundle("changes")
    take_backs = Bundle("take_backs")

    def __init__(self, app):
        self.signing_up = []
        super().__init__(app)

    def delete(self, account):
        """A sign-up with the address of the account goes with it."""
        super().delete(account)
        for link in self.signing_up:
            link.is_used |= link.address == account.address

    @rule(target=sign_ups, username=usernames, address=addresses, password=passwords)
    def sign_up(self, username, address, password):
        body = {"username": username, "email": address, "password": password}
        answer = self.call("/users/sign-ups", body)
        assert answer.status_int == (409 if username in self.accounts else 202)
        token = self.mailed(address)
        is_free = username not in self.accounts and self.owner_of(address) is None
        assert (token is not None) == is_free
        if token is None:
            return multiple()
        link = Link(token, address, username=username, password=password)
        self.signing_up.append(link)
        return link

    @rule(link=sign_ups)
    def confirm_sign_up(self, link):
        answer = self.call("/users/sign-ups/confirmation", {"token": link.token})
        if link.is_used:
            assert answer.status_int == GONE
        elif link.username in self.accounts or self.owner_of(link.address):
            assert answer.status_int == 409
        else:
            assert answer.status_int == 200
            link.is_used = True
            self.accounts[link.username] = Account(
                link.username, link.address, link.password, answer.json["id"]
            )

    @rule_for(World.callers, target=changes, address=addresses)
    def ask_for_address(self, username, address):
        account, client = self.caller(username)
        answer = self.call("/users/me/address-changes/", {"email": address}, client)
        if address == account.address:
            assert answer.status_int == 409
            assert self.mailed(address) is None
            return multiple()
        assert answer.status_int == 202
        token = self.mailed(address)
        assert (token is None) == (self.owner_of(address) is not None)
        account.change = None
        if token is None:
            return multiple()
        account.change = Link(token, address, account, account.epoch)
        return account.change

    @rule(target=take_backs, link=changes)
    def confirm_address(self, link):
        account = link.account
        body = {"token": link.token}
        answer = self.call("/users/address-changes/confirmation", body)
        works = (
            link is account.change
            and link.epoch == account.epoch
            and account.is_active
            and not link.is_used
        )
        if not works:
            assert answer.status_int == GONE
        elif self.owner_of(link.address) not in {None, account}:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 204
            link.is_used = True
            old, account.address = account.address, link.address
            token = self.mailed(old)
            assert (token is None) == (old == account.address)
            if token is not None:
                account.take_backs.append(Link(token, old, account))
                return account.take_backs[-1]
        return multiple()

    @rule(link=take_backs)
    def take_address_back(self, link):
        account = link.account
        body = {"token": link.token}
        answer = self.call("/users/address-changes/taking-back", body)
        if link not in account.take_backs:
            assert answer.status_int == GONE
        elif self.owner_of(link.address) not in {None, account}:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 204
            del account.take_backs[account.take_backs.index(link) :]
            account.address, account.change = link.address, None
            self.end_grants(account)
