"""Feast's historical retrieval by `retrieve`: the same values, and no row lost whose features are too old."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalJob
from feast.infra.offline_stores.offline_utils import infer_event_timestamp_from_entity_df
from feast.repo_config import FeastConfigBaseModel

from feature_store.registry.catalogue import load_catalogue
from feature_store.retrieval.retrieve import retrieve
from ontime.errors import OntimeError

if TYPE_CHECKING:
    import pandas as pd
    from feast import FeatureView, OnDemandFeatureView, RepoConfig
    from feast.infra.registry.base_registry import BaseRegistry


class WarehouseOfflineStoreConfig(FeastConfigBaseModel):
    """Nothing to set: the settings of the project say which engine holds the features."""

    type: Literal["feature_store.feast_api.offline_store.WarehouseOfflineStore"] = (
        "feature_store.feast_api.offline_store.WarehouseOfflineStore"
    )


class WarehouseOfflineStore(OfflineStore):
    """The warehouse of the target."""

    @staticmethod
    def get_historical_features(
        config: RepoConfig,  # noqa: ARG004 - as Feast has it
        feature_views: list[FeatureView],  # noqa: ARG004
        feature_refs: list[str],
        entity_df: pd.DataFrame | str | None,
        registry: BaseRegistry,  # noqa: ARG004
        project: str,  # noqa: ARG004
        full_feature_names: bool = False,
        **_kwargs: Any,  # noqa: ANN401 - what else Feast may hand on
    ) -> RetrievalJob:
        """Find the features of references such as `origin_departures:departures_3h`.

        Raises:
            OntimeError: The entities are no frame.
        """
        if entity_df is None or isinstance(entity_df, str):
            raise OntimeError("the entities are no pandas frame", remedy="give one with keys and event_timestamp")
        frame = entity_df
        at = infer_event_timestamp_from_entity_df(dict(frame.dtypes))
        names = _names(feature_refs, full_feature_names=full_feature_names)

        def find() -> pa.Table:
            rows = pa.Table.from_pandas(frame, preserve_index=False)
            found = retrieve(rows, feature_refs, at=at)
            return pa.Table.from_arrays(
                [*rows.columns, *(found.column(retrieved) for retrieved in names)],
                names=[*rows.column_names, *names.values()],
            )

        return WarehouseJob(find, full_feature_names=full_feature_names)


class WarehouseJob(RetrievalJob):
    """A retrieval that is run when it is asked for its rows."""

    def __init__(self, find: Callable[[], pa.Table], *, full_feature_names: bool) -> None:
        self._find = find
        self._full_feature_names = full_feature_names

    @property
    def full_feature_names(self) -> bool:
        """Whether columns have the view's name before them."""
        return self._full_feature_names

    @property
    def on_demand_feature_views(self) -> list[OnDemandFeatureView]:
        """None: ages are what `retrieve` computes."""
        return []

    def _to_df_internal(self, timeout: int | None = None) -> pd.DataFrame:
        frame: pd.DataFrame = self._to_arrow_internal(timeout).to_pandas()
        return frame

    def _to_arrow_internal(self, timeout: int | None = None) -> pa.Table:  # noqa: ARG002 - as Feast has it
        return self._find()


def _names(references: list[str], *, full_feature_names: bool) -> dict[str, str]:
    """What Feast calls the features, by what `retrieve` does."""
    catalogue = load_catalogue()
    names = {}
    for reference in references:
        view, _, feature = reference.partition(":")
        names[catalogue.table(view).retrieved_name(feature)] = f"{view}__{feature}" if full_feature_names else feature
    return names
