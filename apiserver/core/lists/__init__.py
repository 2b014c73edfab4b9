"""A SELECT becomes pages: filtered, sorted, counted and linked."""

from apiserver.core.lists.columns import node_of
from apiserver.core.lists.filters import (
    ListFilter,
    above,
    at_least,
    at_most,
    below,
    contains,
    equals,
    is_null,
    one_of,
)
from apiserver.core.lists.listing import Listing
from apiserver.core.lists.queries import PageQuery
from apiserver.core.lists.searching import search

__all__ = [
    "ListFilter",
    "Listing",
    "PageQuery",
    "above",
    "at_least",
    "at_most",
    "below",
    "contains",
    "equals",
    "is_null",
    "node_of",
    "one_of",
    "search",
]
