"""Applications of a tiny feature, as the tests of core make them."""

from tests.core.conftest import make_core_app

__all__ = ["make_core_app"]
