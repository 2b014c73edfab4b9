"""The tests' jobs for workers of Dramatiq: ``dramatiq tests.core.errand_dramatiq``."""

import logging
import os

import dramatiq

from apiserver.core.jobs import dramatiq_broker
from tests.core.errand_worker import make_registry

logging.basicConfig(level=logging.INFO)
NAMES = ("DATABASE_URL", "ERRAND_FILE", "ERRAND_BROKER")
dramatiq.set_broker(dramatiq_broker(make_registry(*(os.environ[n] for n in NAMES))))
