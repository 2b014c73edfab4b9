"""The renderer of pages: templates of Jinja2, each named with its package.

::

    config.add_view(page, renderer="apiserver.core:templates/home.jinja2")
"""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    # In place of the package's own includeme, which reads the source of every module
    # that is on the stack to find a folder for templates that have no package.
    config.add_directive("add_jinja2_renderer", "pyramid_jinja2.add_jinja2_renderer")
    config.add_jinja2_renderer(".jinja2")
