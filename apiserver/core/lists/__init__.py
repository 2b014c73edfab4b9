"""A SELECT becomes pages: filtered, sorted, counted and linked."""

from apiserver.core.lists.filters import (
    ListFilter,
    at_least,
    below,
    contains,
    equals,
    node_of,
)
from apiserver.core.lists.listing import Listing, PageQuery
from apiserver.core.lists.orders import decode, encode
from apiserver.core.lists.pages import link_header

__all__ = [
    "ListFilter",
    "Listing",
    "PageQuery",
    "at_least",
    "below",
    "contains",
    "decode",
    "encode",
    "equals",
    "link_header",
    "node_of",
]
