"""The pages of providers: the round trip, a first sign-in, and the account's page."""

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from apiserver.auth.browser import MAX_LOGIN_QUERY
from apiserver.core.endpoints import Request
from apiserver.core.http import Response
from apiserver.providers.clients import ProviderClient
from apiserver.providers.declared import GITHUB, Provider
from apiserver.providers.github import GitHubClient
from apiserver.providers.openid import OpenIDClient
from apiserver.providers.pages.sign_in import come_back, set_out
from apiserver.providers.states import path_of


def client_of(provider: Provider) -> ProviderClient:
    return (GitHubClient if provider.kind == GITHUB else OpenIDClient)(provider)


def add_provider(config: Configurator, client: ProviderClient) -> None:
    """Add the routes where a sign-in with the provider begins and ends, and a link."""

    def get_start(request: Request) -> Response:
        return set_out(request, client)

    def get_callback(request: Request) -> Response:
        return come_back(request, client)

    start = f"provider_{client.provider.name}"
    callback = f"{start}_callback"
    options = {"is_target": False, "most_query": MAX_LOGIN_QUERY}
    # Not HEAD: both write, and one asks the provider.
    config.add_page(start, path_of(client), "GET", **options)
    config.add_page(callback, path_of(client, "/callback"), "GET", **options)
    views = ((start, get_start), (callback, get_callback))
    for route_name, view in views:
        config.add_view(view, route_name=route_name, permission=NO_PERMISSION_REQUIRED)
    config.add_sign_in_way(start, f"Sign in with {client.provider.title}")


def includeme(config: Configurator) -> None:
    clients = [client_of(each) for each in config.registry.providers]
    config.registry.provider_clients = {c.provider.name: c for c in clients}
    for client in clients:
        add_provider(config, client)
    config.add_page("new_identity", "/account/new-sign-in", is_target=False)
    config.add_page("account_providers", "/account/providers")
    config.add_account_page(
        "account_providers",
        "Providers",
        "Accounts elsewhere by which you sign in.",
        order=50,
    )
    config.scan("apiserver.providers.pages")
