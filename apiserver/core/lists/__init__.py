"""A SELECT becomes pages: filtered, sorted, counted and linked."""

from apiserver.core.lists.columns import node_of
from apiserver.core.lists.filters import (
    ListFilter,
    at_least,
    below,
    contains,
    equals,
)
from apiserver.core.lists.listing import Listing, PageQuery

__all__ = [
    "ListFilter",
    "Listing",
    "PageQuery",
    "at_least",
    "below",
    "contains",
    "equals",
    "node_of",
]
