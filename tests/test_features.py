"""Features: in which order, on which others they stand, and those of other packages."""

from importlib import import_module
from textwrap import dedent

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pyramid.exceptions import ConfigurationError
from sqlalchemy import create_engine, inspect

from apiserver.core.db import Base
from apiserver.core.settings.environment import from_environment
from apiserver.features import histories, outside
from apiserver.histories import revisions_in
from apiserver.ops.schema import Schema
from apiserver.prepare import migrate
from tests.client import Client
from tests.databases import INI
from tests.settings import ROOT
from tests.tools import needs

OFF = {r for folder in histories({}).values() for r in revisions_in(folder)}
HEAD = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
FILES = {
    "__init__.py": "",
    "stalls/__init__.py": """
        from fair_of_a_test.stalls.resources import StallNode

        def includeme(config):
            config.require_feature("teams")
            config.add_node("stalls", StallNode)
            config.scan(".resources")
    """,
    "stalls/models.py": """
        from sqlalchemy.orm import Mapped
        from apiserver.core.db import Base, PrimaryKey

        class Stall(Base):
            __tablename__ = "stall_of_a_test"
            id: Mapped[PrimaryKey]
    """,
    "stalls/resources.py": """
        from pyramid.authorization import Allow
        from apiserver.core.endpoints import ApiService
        from apiserver.core.tree import ANYONE, Permission, Resource
        from fair_of_a_test.stalls.models import Stall

        class StallPermission(Permission):
            COUNT = ("stall:count", None, "Count the stalls.")

        class StallNode(Resource):
            __acl__ = [(Allow, ANYONE, [StallPermission.COUNT])]

        stalls = ApiService("stalls", "/stalls")

        @stalls.get(permission=StallPermission.COUNT)
        def count_stalls(request):
            request.db.query(Stall).count()
    """,
    "stalls/migrations/1_create_stalls.py": """
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision = "57a11", None
        branch_labels, depends_on = ("stalls",), "HEAD"

        def upgrade():
            op.create_table(
                "stall_of_a_test", sa.Column("id", sa.BigInteger(), primary_key=True)
            )

        def downgrade():
            op.drop_table("stall_of_a_test")
    """,
}


class TestOrder:
    @pytest.mark.parametrize(
        ("names", "sentence"),
        [
            ("teams users auth", "name users before teams, which stands on it"),
            ("auth", "name users before auth, which stands on it"),
            ("users auth factors mail", "name mail before factors, which stands on it"),
        ],
    )
    def test_is_said_in_a_sentence(self, make_app, database_url, names, sentence):
        with pytest.raises(
            ConfigurationError, match=f"apiserver.features must {sentence}"
        ):
            make_app(database_url, features=names)


@pytest.fixture(scope="module")
def outsider(tmp_path_factory):
    """The name of a feature outside of the package, with a history of its own."""
    root = tmp_path_factory.mktemp("outside")
    for path, text in FILES.items():
        file = root / "fair_of_a_test" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).replace("HEAD", HEAD))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        yield "fair_of_a_test.stalls"
    # Migrations, which tests compare with the models, know nothing of it.
    Base.metadata.remove(Base.metadata.tables["stall_of_a_test"])


class TestOutsider:
    @pytest.fixture
    def url(self, outsider, make_database, monkeypatch):
        monkeypatch.setenv("APISERVER_FEATURES", f"users teams auth {outsider}")
        return make_database(migrated=True)

    def test_is_migrated_and_served(self, url, outsider, make_app):
        engine = create_engine(url)
        with engine.connect() as connection:
            migrate(INI, connection)
            assert inspect(connection).has_table("stall_of_a_test")
            context = MigrationContext.configure(connection)
            # It depends on the newest of the others, which goes without saying. What is
            # switched off here has tables in the database, too.
            assert (
                {"57a11"} <= set(context.get_current_heads()) <= {HEAD, "57a11", *OFF}
            )
            assert Schema(str(INI)).heads == {"57a11"}
            assert {HEAD, "57a11"} < Schema(str(INI)).known
        client = Client(make_app(url, features=f"users teams auth {outsider}"))
        assert client.get("/stalls").status_int == 204
        assert client.call("GET", "/readyz").json == {"status": "ready"}
        with engine.connect() as connection:
            connection.exec_driver_sql("DROP TABLE stall_of_a_test")
            connection.exec_driver_sql(
                "DELETE FROM alembic_version WHERE version_num = '57a11'"
            )
            connection.commit()
        engine.dispose()
        answer = client.call("GET", "/readyz")
        assert answer.status_int == 503
        assert "57a11" in answer.json["detail"]

    @pytest.mark.parametrize(
        "name",
        [
            "fair_of_a_test.nothing",
            "nothing.at_all",
            "fair_of_a_test.",
            "..",
            "json.tool",
        ],
    )
    def test_that_is_not_there_is_refused(
        self, outsider, make_app, database_url, monkeypatch, name
    ):
        sentence = f"contains {name}: there is no such package to be imported"
        with pytest.raises(ConfigurationError, match=sentence):
            make_app(database_url, features=f"users {name}")
        monkeypatch.setenv("APISERVER_FEATURES", name)
        with pytest.raises(ConfigurationError, match=sentence):
            outside(from_environment({}))

    def test_stands_on_what_it_requires(self, outsider, make_app, database_url):
        with pytest.raises(
            ConfigurationError, match=f"must name teams before {outsider}, which"
        ):
            make_app(database_url, features=f"users auth {outsider}")


# Only developers have import-linter: make test installs none.
@pytest.mark.slow
@needs("lint-imports")
class TestContract:
    """What import-linter is told, on a graph of these modules."""

    def broken(self, *imports):
        graph = import_module("grimp").ImportGraph()
        for module in (
            *("apiserver", "apiserver.core", "apiserver.core.db", "apiserver.prepare"),
            *("apiserver.users", "apiserver.users.models"),
            *("apiserver.teams", "apiserver.teams.models"),
            *("apiserver.commands", "apiserver.commands.purge"),
        ):
            graph.add_module(module)
        for importer, imported in imports:
            graph.add_import(
                importer=f"apiserver.{importer}", imported=f"apiserver.{imported}"
            )
        options = {"package": "apiserver", "others": ["core", "commands"]}
        standing = import_module("tasks.feature.standing")
        check = standing.StandingContract("x", {}, options).check(graph, verbose=False)
        assert check.kept is not bool(check.metadata["broken"])
        return check.metadata["broken"]

    def test_allows_what_is_required(self):
        assert self.broken(("teams.models", "users.models"), ("teams", "core.db")) == []
        assert self.broken(("commands.purge", "teams.models")) == []

    @pytest.mark.parametrize(
        ("importer", "imported"),
        [
            ("users.models", "teams.models"),
            ("teams.models", "commands.purge"),
            ("teams", "prepare"),
        ],
    )
    def test_allows_nothing_else(self, importer, imported):
        broken = self.broken((importer, imported))
        assert broken == [(f"apiserver.{importer}", f"apiserver.{imported}")]
