"""People who want their accounts deleted, or keep them after all."""

from sqlalchemy import update

from apiserver.account.jobs import delete_due_accounts
from apiserver.account.models import AccountDeletion
from apiserver.core.jobs import put
from tests.lifecycle.world import World, rule_for

PATH = "/users/me/deletion"


class Deletions(World):
    """Deletions of accounts, with a grace period."""

    @rule_for(World.callers)
    def request_deletion(self, username):
        account, client = self.caller(username)
        answer = client.post(PATH)
        assert answer.status_int == 202
        told = [] if account.is_to_be_deleted else [(account.address, None)]
        assert self.recipients() == told
        if not account.is_to_be_deleted:
            account.is_to_be_deleted = True
            self.end_grants(account)

    @rule_for(World.callers)
    def keep_account(self, username):
        account, client = self.caller(username)
        answer = client.delete(PATH)
        assert answer.status_int == (204 if account.is_to_be_deleted else 404)
        told = [(account.address, None)] if account.is_to_be_deleted else []
        assert self.recipients() == told
        account.is_to_be_deleted = False

    def ending(self):
        """Return whose grace period may end: for once somebody's does."""
        is_near = any(a.is_to_be_deleted for a in self.accounts.values())
        return self.known() if is_near else []

    @rule_for(lambda world: world.ending())
    def let_grace_end(self, username):
        """Those that are to be deleted are, whether active or not; no others."""
        account = self.accounts[username]
        with self.session() as db:
            mine = AccountDeletion.user_id == account.id
            db.execute(
                update(AccountDeletion).where(mine).values(due=AccountDeletion.created)
            )
            put(db, delete_due_accounts)
            db.commit()
        assert self.recipients() == []
        if account.is_to_be_deleted:
            self.delete(account)
