"""The attributes that core adds to Pyramid's registry, with their types."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import pyramid.registry

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import sessionmaker

    from apiserver.core.db.replicas import Replica
    from apiserver.core.db.sessions import ReadSession, Session
    from apiserver.core.endpoints.references import Place
    from apiserver.core.endpoints.services import ApiService
    from apiserver.core.expiry import Expiring
    from apiserver.core.files.storage import Storage
    from apiserver.core.http.errors import ApiError
    from apiserver.core.http.special import Special
    from apiserver.core.jobs.declared import Job
    from apiserver.core.openapi.variants import Variants
    from apiserver.core.tree.nodes import Tree
    from apiserver.core.typing import Fragment


class Registry(pyramid.registry.Registry):
    """The registry of an application, for annotations; Pyramid creates it.

    Features annotate their own attributes where they read them.
    """

    settings: dict[str, Any]
    known_settings: set[str]

    # Set by the factory: the ini file, whether a command runs, and whether to prepare
    # for requests at start-up or on demand.
    ini: str
    is_command: bool
    at_start: bool

    # The names of the features that are included so far.
    features: list[str]

    # http
    special_paths: dict[str, Special]
    cors_headers: dict[str, set[str]]
    taken_headers: str
    route_methods: dict[str, Collection[str]]
    exposed_headers: str

    # db
    engine: Engine
    write_sessions: sessionmaker[Session]
    read_sessions: sessionmaker[ReadSession]
    replica: Replica | None
    expiring: list[Expiring]

    # tree
    api_prefix: str
    tree: Tree
    scopes: dict[str, str]

    # endpoints
    places: dict[type[object], Place]
    cornice_services: dict[str, ApiService]
    body_limits: dict[tuple[str, str], int]

    # jobs
    jobs: dict[str, Job]

    # files, where the setting names a place
    storage: Storage

    # openapi
    sign_in: Callable[[Registry, str], Fragment] | None
    common_errors: list[ApiError]
    common_headers: dict[str, str]
    occasional_headers: dict[str, str]
    swagger_at: Callable[[str], Fragment]
    documents_at: Callable[[str], dict[str, Variants]]
    assets: dict[str, Path]
    demo_login: tuple[str, str] | None
