from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])

class view_config:  # noqa: N801
    def __init__(self, **settings: object) -> None: ...
    def __call__(self, view: View) -> View: ...
