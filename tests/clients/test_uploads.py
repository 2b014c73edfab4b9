"""Files that a generated client uploads: in a form, with their names and types."""

import json
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from apiserver.core.db import Base
from tests.clients.test_fields import generate
from tests.clients.workshop import GENERATOR, run
from tests.core.binders import TABLES, binders, known
from tests.core.conftest import make_core_app
from tests.recipes.callers import ADA
from tests.served import BIN
from tests.tools import needs

__all__ = ["generate", "make_core_app"]

pytestmark = needs(GENERATOR)

UPLOAD = """
import json, sys
from apiserver_client import ApiClient, BinderFields, BindersApi, Configuration
url, caller = sys.argv[1], json.loads(sys.argv[2])
client = ApiClient(Configuration(host=url))
client.default_headers.update(caller)
api = BindersApi(client)
binder = api.post_binders(BinderFields(title="Letters"))
add = api.post_binders_binder_id_papers
sent = [
    add(binder.id, file=("a.txt", b"Dear Ada")),
    add(binder.id, name="b.png", file=("a.png", b"PNG")),
]
content = api.download_paper(binder.id, sent[0].id)
print(json.dumps([[each.name, each.media_type, each.size] for each in sent]))
print(bytes(content).decode())
"""


class Silent(WSGIRequestHandler):
    def log_message(self, *args):
        """Print nothing."""


@pytest.fixture
def served(make_core_app, make_database, tmp_path):
    """An application that takes files, and its URL."""
    with known():
        settings = {
            "sqlalchemy.url": make_database(),
            "apiserver.storage": f"{tmp_path}/files",
        }
        app = make_core_app(binders, **settings)
        engine = app.registry.engine
        Base.metadata.create_all(engine, TABLES)
        server = make_server("127.0.0.1", 0, app, handler_class=Silent)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield app, f"http://127.0.0.1:{server.server_port}/api/v1"
        server.shutdown()
        thread.join()
        server.server_close()
        Base.metadata.drop_all(engine, TABLES)


def test_of_python_are_stored_by_their_names(served, generate):
    app, url = served
    dist = generate("python", app)
    printed = run([str(BIN / "python"), "-c", UPLOAD, url, json.dumps(ADA)], dist)
    told, content = printed.splitlines()
    assert json.loads(told) == [["a.txt", "text/plain", 8], ["b.png", "image/png", 3]]
    assert content == "Dear Ada"
