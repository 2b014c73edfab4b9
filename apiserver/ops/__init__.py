"""Operations: health, metrics, logs, limits, and checks for production."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    # Around each request, from the inside out: rate limit, metrics, access log, trace,
    # and the caller's address, which the others use.
    config.include(".rate_limit")
    config.include(".metrics")
    config.include(".access_log")
    config.include(".tracing")
    config.include(".proxies")

    config.include(".health")
    config.include(".production")
