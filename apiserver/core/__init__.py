"""What would be the same in another API server; knows no feature."""

from pyramid.config import Configurator

# Where the API is by default; apiserver.api_prefix says where it really is.
API_PREFIX = "/api/v1"


def includeme(config: Configurator) -> None:
    """Prepare a configuration for features, which are included after this."""
    # First what everything below may declare: settings, and what any answer may have.
    config.include(".settings")
    config.include(".extensions")
    config.include(".request")

    # Around a request, from the outside in: junk and CORS, the transaction, errors.
    config.include(".tweens")
    config.include(".transactions")
    config.include(".replicas")
    config.include(".exceptions")

    # What features build on: the tree, the endpoints on it, who may use them.
    config.include(".resources")
    config.include(".traversal")
    config.include(".services")
    config.include(".files")
    config.include(".declarations")
    config.include(".expiry")
    config.include(".security")

    # What features are described by.
    config.include(".documentation")
