"""Jobs that aren't done, for administrators: which wait, and why some are dead."""

from pyramid.config import Configurator

from apiserver.jobs.resources import JobCollection


def includeme(config: Configurator) -> None:
    config.add_scope("jobs:read", "See jobs that aren't done.")
    config.add_scope("jobs:write", "Retry and delete jobs.")
    config.add_node("jobs", JobCollection)
    config.scan(".views")
