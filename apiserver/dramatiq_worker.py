"""The jobs, for Dramatiq workers: ``dramatiq apiserver.dramatiq_worker``.

The settings are those of ``production.ini`` in the working directory, or of the file
that ``INI_FILE`` in the environment names; ``apiserver.jobs_broker`` is the broker.
"""

import dramatiq

from apiserver.core.jobs import dramatiq_broker
from apiserver.wsgi import make_application

# The name that Dramatiq expects.
dramatiq.set_broker(dramatiq_broker(make_application().registry))
