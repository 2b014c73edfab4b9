"""A worker of the application that sends letters, in a process of its own."""

import sys

from pyramid.config import Configurator

from apiserver.core.jobs import Worker
from tests.mail.post import letters

# Seconds until the job of a worker that is gone is taken by another.
LEASE = 1.0


def main(url: str, port: str) -> None:
    settings = {
        "sqlalchemy.url": url,
        "apiserver.production": "false",
        "apiserver.issuer": "https://api.example.com",
        "apiserver.smtp_host": "127.0.0.1",
        "apiserver.smtp_port": port,
        "apiserver.smtp_security": "none",
        "apiserver.mail_from": "no-reply@example.com",
    }
    with Configurator(settings=settings) as config:
        config.include("apiserver.core")
        config.include(letters)
    config.registry.letter = ("ada@example.com", "rain")
    Worker(config.registry, LEASE).work_until_signal()


if __name__ == "__main__":
    main(*sys.argv[1:])
