from functools import cached_property as reify

__all__ = ["reify"]
