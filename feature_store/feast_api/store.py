"""Feast's store of this project: its registry in the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from feast import FeatureStore, RepoConfig

from feature_store.feast_api.objects import compile_objects
from feature_store.questions import load_questions
from feature_store.registry.catalogue import load_catalogue
from ontime.errors import NotYetError
from ontime.rights import make_data_folders, make_folder

if TYPE_CHECKING:
    from ontime.settings import Settings

PROJECT: Final = "ontime"
ONLINE_STORES: Final = "feature_store.feast_api.online_stores"
OFFLINE_STORE: Final = "feature_store.feast_api.offline_store.WarehouseOfflineStore"


def registry_path(settings: Settings) -> Path:
    """The file of Feast's registry."""
    return settings.data_dir / "feast" / "registry.db"


def apply_registry(settings: Settings) -> Path:
    """Write the registry as the project defines it now, whole; what is no longer defined is gone from it.

    Raises:
        OntimeError: A model of features says too little of itself.
    """
    objects = compile_objects(load_catalogue(), load_questions())
    path = registry_path(settings)
    make_data_folders(settings)
    make_folder(path.parent, settings)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    FeatureStore(config=_config(new, settings)).apply(objects)
    new.replace(path)
    return path


def open_store(settings: Settings) -> FeatureStore:
    """Feast's store, for `get_historical_features` and `get_online_features`.

    Raises:
        OntimeError: There is no registry yet.
    """
    path = registry_path(settings)
    if not path.exists():
        raise NotYetError(f"{path} does not exist", remedy="write it with ontime features apply")
    return FeatureStore(config=_config(path, settings))


def _config(registry: Path, settings: Settings) -> RepoConfig:
    if settings.online_url is None:
        online = {"type": f"{ONLINE_STORES}.SqliteFileOnlineStore", "path": str(settings.online_file.absolute())}
    else:
        online = {"type": f"{ONLINE_STORES}.RedisServerOnlineStore", "url": settings.online_url.get_secret_value()}
    return RepoConfig(
        project=PROJECT,
        provider="local",
        registry=str(registry.absolute()),
        offline_store={"type": OFFLINE_STORE},
        online_store=online,
        entity_key_serialization_version=3,
    )
