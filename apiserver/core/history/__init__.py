"""The history of rows: who has changed which field, when, from what to what."""

from datetime import timedelta

from pyramid.config import Configurator

from apiserver.core import expiry, settings
from apiserver.core.history.listing import ChangeDetail, HistoryResource, history_of
from apiserver.core.history.models import MODELS, Historic, Tracked

__all__ = ["ChangeDetail", "Historic", "HistoryResource", "Tracked", "history_of"]

# A hundred years, which means forever.
MOST_DAYS = 36_500


def includeme(config: Configurator) -> None:
    config.include(expiry)
    config.add_setting("history_days", settings.count_up_to(MOST_DAYS), str(MOST_DAYS))
    kept = timedelta(days=config.registry.settings["apiserver.history_days"])

    def declare() -> None:
        for model in MODELS:
            changes = model.__changes__
            config.add_expiring(changes, changes.created < expiry.NOW, after=kept)

    if kept.days < MOST_DAYS:
        # When all models are declared.
        config.action("apiserver.history", declare, order=9998)
