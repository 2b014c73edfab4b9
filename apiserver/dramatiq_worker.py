"""The jobs, for workers of Dramatiq: ``dramatiq apiserver.dramatiq_worker``.

By the settings of ``production.ini`` in the working directory, or of the file that
``INI_FILE`` in the environment names; ``apiserver.jobs_broker`` says where jobs are.
"""

import dramatiq

from apiserver.core.jobs import dramatiq_broker
from apiserver.wsgi import make_application

# Where the program looks for it.
dramatiq.set_broker(dramatiq_broker(make_application().registry))
