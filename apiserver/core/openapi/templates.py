"""The renderer of pages: Jinja2 templates, each named with its package.

::

    config.add_view(page, renderer="apiserver.core:templates/home.jinja2")
"""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    # Replaces pyramid_jinja2's includeme, which reads the source of every module on the
    # stack to find a folder for templates without a package.
    config.add_directive("add_jinja2_renderer", "pyramid_jinja2.add_jinja2_renderer")
    config.add_jinja2_renderer(".jinja2")
