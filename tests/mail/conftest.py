"""An application of core and mail, and a server that takes what it sends."""

import pytest
from pyramid.config import Configurator
from sqlalchemy import delete, select

from apiserver.core.jobs import work_off
from apiserver.core.jobs.models import QueuedJob
from apiserver.mail.models import MailCounter, ShownMail
from tests.mail.post import letters, put_letter, serving

ISSUER = "https://api.example.com"


@pytest.fixture(scope="session")
def make_mail_app(engines):
    """A function that makes an application of core and mail, by its settings."""

    def make(url, *features, **settings):
        named = {f"apiserver.{name}": str(value) for name, value in settings.items()}
        values = {
            "sqlalchemy.url": url,
            "apiserver.production": "false",
            "apiserver.issuer": ISSUER,
            **named,
        }
        with Configurator(settings=values) as config:
            config.include("apiserver.core")
            for feature in (letters, *features):
                config.include(feature)
        registry = config.registry
        for sessions in (registry.write_sessions, registry.read_sessions):
            engines.append(sessions.kw["bind"])
        return config.make_wsgi_app()

    return make


@pytest.fixture(scope="session")
def mail_database(make_database):
    return make_database(migrated=True)


@pytest.fixture(scope="session")
def smtp():
    """What the server gets, and its port: one for all tests, without TLS."""
    with serving(auth_require_tls=False) as served:
        yield served


@pytest.fixture
def post(smtp):
    """What the server has got in this test."""
    post, _ = smtp
    post.clear()
    return post


@pytest.fixture(scope="session")
def make_sending_app(make_mail_app, mail_database):
    """A function that makes the application with a server at a port, without TLS."""

    def make(port, **settings):
        usual = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "mail_from": "Exämple <no-reply@example.com>",
        }
        return make_mail_app(mail_database, **{**usual, **settings})

    return make


@pytest.fixture(scope="session")
def sending_app(make_sending_app, smtp):
    return make_sending_app(smtp[1])


@pytest.fixture(scope="session")
def showing_app(make_mail_app, mail_database):
    """The application of development, which has no server."""
    return make_mail_app(mail_database)


@pytest.fixture
def empty(sending_app):
    """Begin without jobs and mails: what is committed stays."""
    sending_app.registry.before = sending_app.registry.after = lambda run: None
    with sending_app.registry.engine.begin() as connection:
        for table in (QueuedJob, MailCounter, ShownMail):
            connection.execute(delete(table))


@pytest.fixture
def app(sending_app, empty):
    return sending_app


@pytest.fixture
def shown(showing_app, empty):
    return showing_app


@pytest.fixture
def mails():
    """A function that returns the subjects of the mails that were shown."""

    def read(app):
        with app.registry.read_sessions() as db:
            return db.scalars(select(ShownMail.subject).order_by(ShownMail.id)).all()

    return read


@pytest.fixture
def work():
    """A function that puts a letter in an application, and works: how did it end?"""

    def call(app, to="ada@example.com", word="", **kw):
        put_letter(app, to, word, **kw)
        return work_off(app.registry)

    return call


@pytest.fixture
def stored(sending_app):
    """A function that returns the jobs that are stored: state, attempts, error."""

    def read():
        columns = (QueuedJob.state, QueuedJob.attempts, QueuedJob.error)
        with sending_app.registry.read_sessions() as db:
            rows = db.rows(select(*columns).order_by(QueuedJob.id))
        return [(row.state.value, row.attempts, row.error) for row in rows]

    return read
