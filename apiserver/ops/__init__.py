"""Operations: what those who run the server ask of it, and what it asks of them."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    # Around a request, from the inside out: its limit, its measures, one line of log,
    # its trace, and who calls at all, which all of these want to know.
    config.include(".rate_limit")
    config.include(".metrics")
    config.include(".access_log")
    config.include(".tracing")
    config.include(".proxies")

    config.include(".health")
    config.include(".production")
