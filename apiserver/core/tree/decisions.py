"""Checks permissions again before a write, under locks.

A request is authorized when it arrives. Then it reads a body, hashes, waits for a row;
meanwhile its caller may be deactivated, or lose a role. So before the view of an unsafe
method, and again after each commit within one, ``decide`` locks the rows on which the
authorization depends, rereads caller and nodes, and checks each granted permission. The
result holds until the transaction ends: a request that revokes a permission waits for
writes in progress.

All locks are taken in one order, which prevents deadlocks:

0. counters of attempts (``throttle``): committed at once, never held with other locks;
1. rows of resources, from the root to the leaf of the URL, of one table by id;
2. accounts, by id; then an account's own rows, such as its second factors;
3. clients, by name;
4. grants, by id; then codes and tokens;
5. browser sessions and their pending consents;
6. inserts, the audit log last.

The nearest item of a URL is locked exclusively (``FOR NO KEY UPDATE``); items above it,
those to which the body refers and the caller's rows are shared (``FOR SHARE``).
Resources come before accounts: a request that waits for a team must not keep its
caller's account from being deactivated. SQLite has one lock, which a transaction takes
at its beginning. Before locking an account, pass or close its gate: ``users/gates.py``.
"""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter

from pyramid.interfaces import ISecurityPolicy
from pyramid.location import lineage

from apiserver.core.http.errors import Forbidden
from apiserver.core.tree.resources import Item, Resource
from apiserver.core.typing import Request


def decide(request: Request) -> None:
    """Lock, reread, and check the granted permissions again; once per transaction.

    Raises the error of a new request: 401, 403 or 404; or the reason why an object of
    the URL rejects writes.
    """
    if is_decided(request):
        return
    lock_rows(request.context, request.referred)
    if request.identity is not None:
        policy = request.registry.getUtility(ISecurityPolicy)
        request.identity = policy.hold(request)
        if request.identity is None:
            raise request.unauthenticated()
    nodes = reversed(list(lineage(request.context)))
    items = [node for node in nodes if isinstance(node, Item)]
    for item in items:
        item.reload()
    check_again(request)
    for item in items:
        item.check_write()
    request.decided_in = request.db.get_transaction()


def is_decided(request: Request) -> bool:
    """Whether ``decide`` was called in the current transaction."""
    transaction = request.db.get_transaction()
    return transaction is not None and request.decided_in is transaction


def lock_rows(context: Resource, referred: Sequence[Item[object]] = ()) -> None:
    """Lock the rows of a URL, and share those to which a body refers, in order."""
    locks: list[tuple[Resource, Callable[[], None]]] = [
        (node, partial(node.lock_row, exclusive=exclusive))
        for node, exclusive in to_lock(context)
    ]
    locks += [(node, node.hold) for node in referred]
    in_order = place_in_order if referred else attrgetter("lock_rank")
    for _, lock in sorted(locks, key=lambda pair: in_order(pair[0])):
        lock()


def place_in_order(node: Resource) -> tuple[int, int, str, int]:
    """Return the sort key for the nodes whose rows a request locks."""
    depth = len(list(lineage(node)))
    segment = node.__name__
    number = int(segment) if segment.isascii() and segment.isdigit() else 0
    return node.lock_rank, depth, type(node).__name__, number


def to_lock(context: Resource) -> list[tuple[Resource, bool]]:
    """Return the nodes with a row to lock, from the root; the last exclusively."""
    nodes = [node for node in lineage(context) if node.is_locked]
    return [(node, node is nodes[0]) for node in reversed(nodes)]


def check_again(request: Request) -> None:
    """Raise the reason if a permission is no longer granted.

    The endpoint's own permission comes first: the challenge names its scope.
    """
    policy = request.registry.getUtility(ISecurityPolicy)
    for position, (node, permission) in enumerate(list(request.granted)):
        allowed = policy.permits(request, node, permission)
        if not allowed:
            error = getattr(allowed, "error", None) or Forbidden()
            raise Forbidden(error.detail) if position else error
