"""Roles: who holds them, which ACLs name them, how they are said in words."""

import pytest
from pyramid.interfaces import ISecurityPolicy

from apiserver.core.tree import (
    ADMIN,
    ANYONE,
    EVERY_PERMISSION,
    INTERNAL,
    SIGNED_IN,
    USER,
    global_roles,
    who_may,
)
from apiserver.core.tree.policy import roles_of
from apiserver.core.tree.resources import Root
from tests.core.things import (
    KEEPER,
    OWNER,
    PartCollection,
    PartResource,
    ThingCollection,
    ThingPermission,
    ThingResource,
)

GLOBAL_ROLES = {ANYONE, SIGNED_IN, USER, ADMIN, INTERNAL}


class TestRolesOf:
    lineage = (PartResource, PartCollection, ThingResource, ThingCollection)

    def test_lists_the_roles_from_the_leaf_to_the_root(self):
        assert roles_of(self.lineage, ThingPermission.EDIT) == [OWNER]
        assert roles_of(self.lineage, ThingPermission.POLISH) == [KEEPER]
        assert roles_of(self.lineage, ThingPermission.LIST) == [SIGNED_IN]

    def test_lists_a_role_once(self):
        assert roles_of([*self.lineage, ThingResource], ThingPermission.EDIT) == [OWNER]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("roles", "sentence"),
        [
            ([ADMIN], "administrators"),
            ([OWNER, ADMIN], "the owner of the thing and administrators"),
            (
                [KEEPER, OWNER, ADMIN],
                "keepers of the part, the owner of the thing and administrators",
            ),
            ([OWNER, ADMIN, INTERNAL], "the owner of the thing and administrators"),
            ([USER, ADMIN, INTERNAL], "active users and administrators"),
            ([OWNER, SIGNED_IN, ADMIN], "signed-in callers"),
            ([ANYONE, SIGNED_IN, ADMIN], "anyone, without signing in"),
        ],
    )
    def test_says_the_roles_in_words(self, roles, sentence):
        assert who_may(roles) == sentence


class TestGlobalRoles:
    def test_are_those_that_are_held(self):
        nobody = {ANYONE, SIGNED_IN}
        assert global_roles(user=False, admin=False, internal=False) == nobody
        assert global_roles(user=True, admin=True, internal=True) == nobody | {
            USER,
            ADMIN,
            INTERNAL,
        }


class TestSecurityPolicy:
    def test_of_core_knows_nobody(self, make_core_app):
        policy = make_core_app().registry.getUtility(ISecurityPolicy)
        assert policy.identity(None) is None

    @pytest.mark.parametrize("method", ["remember", "forget"])
    def test_keeps_no_sessions(self, make_core_app, method):
        policy = make_core_app().registry.getUtility(ISecurityPolicy)
        arguments = {"remember": (None, 1), "forget": (None,)}[method]
        with pytest.raises(NotImplementedError):
            getattr(policy, method)(*arguments)


def node_classes(children):
    """Yield the classes of a tree."""
    for node in children.values():
        yield node
        yield from node_classes(node.children)
        if hasattr(node, "item"):
            yield from node_classes({"item": node.item})


class TestAcl:
    def test_grants_local_roles_at_their_own_node_alone(self, app):
        """So a role that is held at a child can't match a grant of its parent."""
        local = [
            (node.noun, role)
            for node in node_classes(app.registry.tree)
            for _, role, _ in node.__acl__
            if role not in GLOBAL_ROLES
        ]
        assert local
        assert [role.partition(":")[0] for _, role in local] == [n for n, _ in local]

    def test_allows_administrators_everything_at_the_root(self):
        assert Root.__acl__ == [
            ("Allow", ADMIN, EVERY_PERMISSION),
            ("Allow", INTERNAL, EVERY_PERMISSION),
        ]
        assert ThingPermission.POLISH in EVERY_PERMISSION
        assert "thing:polish" not in EVERY_PERMISSION
