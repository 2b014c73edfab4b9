"""The application for web servers that import it: gunicorn, uWSGI, granian.

::

    gunicorn 'apiserver.wsgi:make_application()'
    granian --interface wsgi --factory apiserver.wsgi:make_application

By the settings and the logging of ``production.ini`` in the working directory, or of
the file that ``INI_FILE`` in the environment names.
"""

import os
from typing import Any

from pyramid.paster import get_app, setup_logging


def make_application() -> Any:
    """Make the WSGI application of the ini file."""
    ini = os.environ.get("INI_FILE", "production.ini")
    setup_logging(ini)
    return get_app(ini)
