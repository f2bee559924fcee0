"""Takes the rows of excluded aircraft out of the online store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack

from feature_store.online.excluded import KEY, ExcludedAircraft
from feature_store.online.store import open_store
from feature_store.questions.feature_groups import read_feature_groups

if TYPE_CHECKING:
    from feature_store.online.store import OnlineStore
    from ontime.settings import Settings

Keys = Mapping[str, Sequence[str]]


def remove_excluded(store: OnlineStore, keys: Keys, excluded: ExcludedAircraft) -> int:
    """Remove all rows of excluded aircraft, also those that were written by other definitions of a table.

    Args:
        store: Where they stand.
        keys: The names of the keys of each table of features, by the table's name. In a table that is not among them
            any key is taken for a tail number.
        excluded: The list.

    Returns:
        How many rows are gone.

    Raises:
        OntimeError: The store cannot be reached.
    """
    removed = 0
    for relation in store.relations():
        names = keys.get(relation.partition("@")[0])
        if names is not None and KEY not in names:
            continue
        place = None if names is None else sorted(names).index(KEY)
        hidden = [key for key, _ in store.scan(relation) if _names_excluded(key, place, excluded)]
        if hidden:
            store.remove(relation, hidden)
        removed += len(hidden)
    return removed


def _names_excluded(key: bytes, place: int | None, excluded: ExcludedAircraft) -> bool:
    parts = msgpack.unpackb(key)
    return any(excluded.holds(str(part)) for part in (parts if place is None else [parts[place]]))


def opt_out(settings: Settings, project: Path) -> int:
    """Take excluded aircraft out of the settings' online store; gives how many rows are gone.

    Args:
        settings: Say where it is.
        project: The dbt project.

    Raises:
        OntimeError: The store cannot be reached.
    """
    excluded = ExcludedAircraft(project)
    if not excluded or (settings.online_url is None and not settings.online_file.exists()):
        return 0
    store = open_store(settings)
    try:
        # not of a manifest, which dbt may yet have to write
        keys = {group.model: group.keys for group in read_feature_groups(project).values()}
        return remove_excluded(store, keys, excluded)
    finally:
        store.close()
