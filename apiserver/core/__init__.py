"""What would be the same in another API server; knows no feature."""

from pyramid.config import Configurator

# Where the API is by default; apiserver.api_prefix says where it really is.
API_PREFIX = "/api/v1"


def includeme(config: Configurator) -> None:
    """Prepare a configuration for features, which are included after this."""
    # First what everything below may declare: settings, and what any answer may have.
    config.include(".settings.declared")
    config.include(".openapi.extensions")
    config.include(".endpoints.request")

    # Around a request, from the outside in: junk and CORS, the transaction, errors.
    config.include(".http.guard")
    config.include(".db.transactions")
    config.include(".db.replicas")
    config.include(".endpoints.exception_views")

    # What features build on: the tree, the endpoints on it, who may use them.
    config.include(".tree.nodes")
    config.include(".tree.traversal")
    config.include(".endpoints.services")
    config.include(".endpoints.files")
    config.include(".lists.listing")
    config.include(".endpoints.checks")
    config.include(".jobs.declared")
    config.include(".history")
    config.include(".tree.policy")

    # What features are described by.
    config.include(".openapi.swagger_ui")
