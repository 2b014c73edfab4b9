"""People who are invited to a team, with an account or without."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, precondition, rule
from sqlalchemy import update

from apiserver.core.db import now
from apiserver.invitations.models import Invitation
from tests import factories
from tests.lifecycle.world import (
    Account,
    Link,
    World,
    addresses,
    passwords,
    rule_for,
    usernames,
)


@dataclass(eq=False)
class Invited:
    """What the model knows of an invitation: the newest link, and whether it's late."""

    path: str
    link: Link
    is_expired: bool = False


invited = st.runner().flatmap(lambda world: st.sampled_from([*world.invited]))


class Invitations(World):
    """A team, whose leader invites addresses."""

    invitations = Bundle("invitations")

    def prepare(self, db):
        super().prepare(db)
        self.team = f"/teams/{factories.make_team(db, leaders=[self.root]).id}"
        self.invited = {}

    def delete(self, account):
        """An invitation of its address goes with an account."""
        super().delete(account)
        self.invited.pop(account.address, None)

    @rule(target=invitations, address=addresses)
    def invite(self, address):
        path = f"{self.team}/invitations/"
        answer = self.call(path, {"email": address}, self.admin)
        if address in self.invited:
            assert answer.status_int == 409
            assert self.mailed(address) is None
            return multiple()
        assert answer.status_int == 201
        link = self.link_to(address)
        self.invited[address] = Invited(f"{path}{answer.json['id']}", link)
        return link

    def link_to(self, address):
        """Return the link that was mailed: to anybody, with an account or without."""
        token = self.mailed(address)
        assert token is not None
        return Link(token, address)

    @precondition(lambda world: world.invited)
    @rule(target=invitations, address=invited)
    def resend(self, address):
        invited = self.invited[address]
        assert self.admin.post(f"{invited.path}/resend").status_int == 202
        invited.link, invited.is_expired = self.link_to(address), False
        return invited.link

    @precondition(lambda world: world.invited)
    @rule(address=invited)
    def revoke(self, address):
        invited = self.invited.pop(address)
        assert self.admin.delete(invited.path).status_int == 204
        assert self.admin.get(invited.path).status_int == 404

    @precondition(lambda world: world.invited)
    @rule(address=invited)
    def let_invitation_expire(self, address):
        invited = self.invited[address]
        mine = Invitation.email == address
        self.run(update(Invitation).where(mine).values(expires=now()))
        invited.is_expired = True

    def works(self, link):
        invited = self.invited.get(link.address)
        return invited and invited.link is link and not invited.is_expired

    @rule_for(World.callers, link=invitations)
    def accept(self, link, username):
        """Whoever has the link may; the account may have another address."""
        account, client = self.caller(username)
        answer = self.call("/invitations/acceptance", {"token": link.token}, client)
        if not self.works(link):
            assert answer.status_int == 422
        elif account.is_member:
            assert answer.status_int == 409
        else:
            assert answer.status_int == 200
            account.is_member = True
            del self.invited[link.address]

    @rule(link=invitations, username=usernames, password=passwords)
    def join(self, link, username, password):
        """Sign up by an invitation, whose address is proven by it."""
        body = {"token": link.token, "username": username, "password": password}
        answer = self.call("/invitations/sign-up", body)
        if not self.works(link):
            assert answer.status_int == 422
        elif username in self.accounts or self.owner_of(link.address):
            assert answer.status_int == 409
        else:
            assert answer.status_int == 201
            user_id = answer.json["user"]["id"]
            self.accounts[username] = Account(
                username, link.address, password, user_id, is_member=True
            )
            del self.invited[link.address]

    @rule_for(World.known)
    def leave(self, username):
        account = self.accounts[username]
        answer = self.admin.delete(f"{self.team}/members/{account.id}")
        assert answer.status_int == (204 if account.is_member else 404)
        account.is_member = False

    @invariant()
    def members_are_as_the_model_says(self):
        members = self.admin.get(f"{self.team}/members/").json
        ids = {a.id for a in self.accounts.values() if a.is_member}
        assert {each["user"]["id"] for each in members} == {self.root.id, *ids}

    @invariant()
    def invitations_are_as_the_model_says(self):
        listed = self.admin.get(f"{self.team}/invitations/").json
        assert {each["email"] for each in listed} == set(self.invited)
