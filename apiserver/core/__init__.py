"""The library on which features are built; independent of any feature."""

from pyramid.config import Configurator

# Where the API is by default; apiserver.api_prefix says where it really is.
API_PREFIX = "/api/v1"


def includeme(config: Configurator) -> None:
    """Prepare a configuration for features, which are included after this."""
    # First what the others use to declare settings, and headers of every response.
    config.include(".settings.declared")
    config.include(".openapi.extensions")
    config.include(".endpoints.request")

    # Around each request, from the outside in: guard and CORS, transaction, errors.
    config.include(".http.guard")
    config.include(".db.transactions")
    config.include(".db.replicas")
    config.include(".endpoints.exception_views")

    # For features: the tree, its endpoints, and who may use them.
    config.include(".tree.nodes")
    config.include(".tree.traversal")
    config.include(".endpoints.services")
    config.include(".endpoints.files")
    config.include(".lists.listing")
    config.include(".endpoints.checks")
    config.include(".jobs.declared")
    config.include(".history")
    config.include(".tree.policy")

    # The documents.
    config.include(".openapi.swagger_ui")
