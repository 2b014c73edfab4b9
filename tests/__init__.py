"""The tests; the assertions of what they share explain themselves as well."""

import pytest

pytest.register_assert_rewrite(
    "tests.matrix", "tests.paging", "tests.transcript", "tests.versions"
)
