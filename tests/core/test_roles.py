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

    def test_lists_the_roles_from_the_leaf_to_the_root_once(self):
        lineage = [*self.lineage, ThingResource]
        assert roles_of(lineage, ThingPermission.EDIT) == [OWNER]
        assert roles_of(lineage, ThingPermission.POLISH) == [KEEPER]
        assert roles_of(lineage, ThingPermission.LIST) == [SIGNED_IN]


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


def test_policy_of_core_knows_nobody_and_keeps_no_sessions(make_core_app):
    policy = make_core_app().registry.getUtility(ISecurityPolicy)
    assert policy.identity(None) is None
    with pytest.raises(NotImplementedError):
        policy.remember(None, 1)
    with pytest.raises(NotImplementedError):
        policy.forget(None)


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
