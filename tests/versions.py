"""The tests of an object's versions: ETag, If-None-Match, If-Match (RFC 9110)."""

from typing import Any, ClassVar

import pytest

from tests.problems import problem

# A client, the path of an object, two patches that each change it.
Versioned = tuple[Any, str, list[Any]]

CHANGED = problem(412, "The object was changed since it was read.")


class VersionTests:
    """The tests of an object, which the fixture ``versioned`` gives."""

    methods: ClassVar[tuple[str, ...]] = ("PATCH", "DELETE")

    @pytest.fixture
    def etag(self, versioned: Versioned) -> str:
        client, path, _ = versioned
        etag: str = client.get(path).headers["ETag"]
        return etag

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_known_version_is_304(
        self, versioned: Versioned, etag: str, method: str
    ) -> None:
        client, path, _ = versioned
        for known in (etag, "*", f'"other", {etag}', f"W/{etag}"):
            answer = getattr(client, method)(path, headers={"If-None-Match": known})
            assert (answer.status_int, answer.body) == (304, b"")
            assert answer.headers["ETag"] == etag

    def test_other_version_is_200(self, versioned: Versioned, etag: str) -> None:
        client, path, _ = versioned
        answer = client.get(path, headers={"If-None-Match": '"other"'})
        assert answer.status_int == 200
        assert answer.headers["ETag"] == etag

    def test_change_gives_another(self, versioned: Versioned, etag: str) -> None:
        client, path, changes = versioned
        answer = client.patch(path, changes[0])
        assert answer.headers["ETag"] != etag
        stale = client.get(path, headers={"If-None-Match": etag})
        assert stale.status_int == 200
        assert stale.headers["ETag"] == answer.headers["ETag"]

    @pytest.mark.parametrize("current", ["etag", "*", "one of several"])
    def test_current_version_can_be_changed(
        self, versioned: Versioned, etag: str, current: str
    ) -> None:
        client, path, changes = versioned
        version = {"etag": etag, "*": "*"}.get(current, f'"other", {etag}')
        answer = client.patch(path, changes[0], headers={"If-Match": version})
        assert answer.status_int == 200
        assert client.get(path).json == answer.json

    @pytest.mark.parametrize("version", ["stale", "other", "weak"])
    def test_another_version_cannot_be_changed(
        self, versioned: Versioned, etag: str, version: str
    ) -> None:
        client, path, changes = versioned
        if version == "stale":
            client.patch(path, changes[0])
        versions = {"stale": etag, "other": '"other"', "weak": f"W/{etag}"}
        headers = {"If-Match": versions[version]}
        before = client.get(path).json
        for method in self.methods:
            body = {"json": changes[1]} if method == "PATCH" else {}
            answer = client.call(method, client.prefix + path, headers=headers, **body)
            assert answer.status_int == 412
            assert answer.json == CHANGED
            assert client.get(path).json == before

    def test_values_are_checked_before_the_version(self, versioned: Versioned) -> None:
        client, path, _ = versioned
        answer = client.patch(path, [{}], headers={"If-Match": '"other"'})
        assert answer.status_int == 422

    def test_reading_does_not_need_the_version(self, versioned: Versioned) -> None:
        client, path, _ = versioned
        answer = client.get(path, headers={"If-Match": '"other"'})
        assert answer.status_int == 200
