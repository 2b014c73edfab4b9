"""The application for web servers that import it: gunicorn, uWSGI, granian.

::

    gunicorn 'apiserver.wsgi:make_application()'
    granian --interface wsgi --factory apiserver.wsgi:make_application

By the settings and the logging of ``production.ini`` in the working directory, or of
the file that ``INI_FILE`` in the environment names.
"""

import os
import sys

from pyramid.router import Router

from apiserver.core.settings import ini, startup

# What makes gunicorn end; after any other status of a worker it starts another one.
APP_LOAD_ERROR = 4


def make_application() -> Router:
    """Make the WSGI application of the ini file."""
    file = os.environ.get("INI_FILE", "production.ini")
    try:
        with startup.one_sentence(file):
            ini.check(file)
            loader = ini.loader(file)
            loader.setup_logging()
            return loader.get_wsgi_app()
    except SystemExit:  # The sentence is written.
        sys.exit(APP_LOAD_ERROR)
