"""Opens the online features of the settings."""

from __future__ import annotations

from feature_store.online.excluded import ExcludedAircraft
from feature_store.online.features import OnlineFeatures
from feature_store.online.store import open_store
from feature_store.registry.catalogue import load_catalogue
from ontime.project import project_folder
from ontime.settings import Settings


def open_online_features(settings: Settings | None = None) -> OnlineFeatures:
    """The online features of the settings' store, by the project's catalogue.

    Args:
        settings: By default those of the environment.

    Raises:
        OntimeError: The store cannot be reached, there is no project, or its catalogue cannot be compiled.
    """
    settings = settings or Settings.load()
    return OnlineFeatures(load_catalogue(), open_store(settings), ExcludedAircraft(project_folder()))
