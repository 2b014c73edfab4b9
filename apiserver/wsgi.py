"""The application for web servers that import it: gunicorn, uWSGI, granian.

::

    gunicorn 'apiserver.wsgi:make_application()'
    granian --interface wsgi --factory apiserver.wsgi:make_application

The settings and the logging are those of ``production.ini`` in the working directory,
or of the file that ``INI_FILE`` in the environment names.
"""

import os
import sys

from pyramid.router import Router

from apiserver.core.settings import ini, startup

# The exit status of a worker that ends gunicorn; after others it starts a new worker.
APP_LOAD_ERROR = 4


def make_application() -> Router:
    """Make the WSGI application of an ini file."""
    file = os.environ.get("INI_FILE", "production.ini")
    try:
        with startup.one_sentence(file):
            ini.check(file)
            loader = ini.loader(file)
            loader.setup_logging()
            return loader.get_wsgi_app()
    except SystemExit:  # The error has been printed.
        sys.exit(APP_LOAD_ERROR)
