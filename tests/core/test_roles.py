"""Roles: who holds them, which ACLs name them, how they are said in words."""

import pytest
from pyramid.interfaces import ISecurityPolicy

from apiserver.core.endpoints.services import services_of
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
from apiserver.core.tree.traversal import classes_at
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


class TestAcl:
    def test_grants_no_local_role_above_the_node_at_which_it_is_held(self, app):
        """So a role that is held at a child can't match a grant of its parent."""
        granted = [
            (role, [getattr(node, "noun", "") for node in classes[:depth]])
            for service in services_of(app.registry)
            for classes in [classes_at(app.registry.tree, service.path)]
            for depth, node in enumerate(classes)
            for _, role, _ in node.__acl__
            if role not in GLOBAL_ROLES
        ]
        assert granted
        assert [g for g in granted if g[0].partition(":")[0] in g[1]] == []

    def test_allows_administrators_everything_at_the_root(self):
        assert Root.__acl__ == [
            ("Allow", ADMIN, EVERY_PERMISSION),
            ("Allow", INTERNAL, EVERY_PERMISSION),
        ]
        assert ThingPermission.POLISH in EVERY_PERMISSION
        assert "thing:polish" not in EVERY_PERMISSION
